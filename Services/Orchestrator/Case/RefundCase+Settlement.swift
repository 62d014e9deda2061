import RefundMessages

extension RefundCase {
    /// Lays the amount on the order's payments in their listed order, each at most its cash less what
    /// other requests took from it.
    ///
    /// - Parameter available: what is left of each payment, in the order's order.
    /// - Precondition: `needsLegs`, and the payments cover the amount: an order's lines and payments
    ///   add up to the same, and no version may lower a payment below what was taken.
    mutating func planLegs(_ available: [(payment: OrderPayment, left: Int64)]) {
        precondition(needsLegs)
        var remaining = amountToPay
        for (payment, left) in available where remaining > 0 && left > 0 {
            let amount = min(left, remaining)
            remaining -= amount
            legs.append(
                Leg(
                    paymentID: payment.paymentID, provider: payment.provider,
                    paymentReference: payment.reference, amount: amount))
        }
        precondition(remaining == 0, "payments do not cover the lines' cash")
    }

    var needsLegs: Bool { phase == .settling && legs.isEmpty }

    /// Minor units: the sum over the eligible lines.
    var amountToPay: Int64 {
        (finalLines ?? []).reduce(0) { $0 + ($1.verdict == .eligible ? $1.amount ?? 0 : 0) }
    }

    /// A leg is due: commits the intent; the call is made once this is durable.
    mutating func beginLeg(
        _ legID: String, now: Instant, takeOver: Bool, limits: SettlementLimits
    ) -> (refund: ProviderRefund, provider: PaymentProviderName, call: Leg.Call, [CaseEffect])? {
        guard let index = indexOfLeg(legID), let currency = terms?.currency,
            let begun = legs[index].begin(now: now, takeOver: takeOver, limits: limits)
        else { return nil }
        let leg = legs[index]
        let refund = ProviderRefund(
            key: legID, paymentReference: leg.paymentReference, amount: leg.amount,
            currency: currency)
        return (
            refund, leg.provider, begun.call,
            caseEffects(begun.effects, of: index, currency: currency, now: now)
        )
    }

    /// What the provider said of a leg; nil where none of that name is configured.
    mutating func applyAnswer(
        _ answer: ProviderAnswer?, to legID: String, now: Instant, limits: SettlementLimits
    ) -> [CaseEffect] {
        guard let index = indexOfLeg(legID), let currency = terms?.currency else { return [] }
        let before = legs[index]
        let effects =
            if let answer {
                legs[index].apply(answer, currency: currency, now: now, limits: limits)
            } else {
                legs[index].refuseForLackOfProvider()
            }
        if legs[index].isSettled, before.state != legs[index].state {
            settledAt = legs.allSatisfy(\.isSettled) ? now : nil
        }
        phase = legs.allSatisfy(\.isSettled) ? .finished : .settling
        return caseEffects(effects, of: index, currency: currency, now: now)
    }

    private func indexOfLeg(_ legID: String) -> Int? {
        legs.firstIndex { self.legID(of: $0) == legID }
    }

    private func caseEffects(
        _ effects: [Leg.Effect], of index: Int, currency: String, now: Instant
    ) -> [CaseEffect] {
        let legID = legID(of: legs[index])
        return effects.map { effect in
            switch effect {
            case .post(let transition):
                .post(
                    LedgerTransfer(
                        transition, of: legs[index], legID: legID, accountID: request.accountID,
                        currency: currency, at: now))
            case .alert(let reason):
                .alert(.legException(legID: legID, reason))
            }
        }
    }
}
