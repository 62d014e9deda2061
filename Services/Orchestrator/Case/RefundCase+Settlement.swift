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

    /// What happens to a leg: changes it and the case, and says what follows. Of a leg that the case
    /// does not have, nothing does.
    ///
    /// - Returns: the call to make once this is durable, if one is due, and the effects.
    /// - Throws: where an operator may not do that now; nothing has changed then.
    mutating func apply(
        _ event: LegEvent, to legID: String, now: Instant, limits: SettlementLimits
    ) throws(OperatorRefusal) -> (call: ProviderCall?, effects: [CaseEffect]) {
        guard let index = indexOfLeg(legID), let currency = terms?.currency else {
            return (nil, [])
        }
        let before = legs[index]
        let context = Leg.Context(now: now, currency: currency, limits: limits)
        let effects = legs[index].apply(event, in: context)
        guard !effects.contains(.refuse) else { throw OperatorRefusal() }
        note(legs[index], insteadOf: before, at: now)
        var call: ProviderCall?
        var caseEffects: [CaseEffect] = []
        for effect in effects {
            switch effect {
            case .call(let kind):
                call = providerCall(kind, for: legs[index], currency: currency)
            case .post(let transition):
                caseEffects.append(
                    .post(
                        LedgerTransfer(
                            transition, of: legs[index], legID: legID,
                            accountID: request.accountID, currency: currency, at: now)))
            case .alert(let reason):
                caseEffects.append(.alert(.legException(legID: legID, reason)))
            case .impossible(let trigger):
                caseEffects.append(.alert(.impossible(legID: legID, trigger, before.state)))
            case .refuse:
                break
            }
        }
        return (call, caseEffects)
    }

    /// Brings the case up to date with a leg that changed.
    private mutating func note(_ leg: Leg, insteadOf before: Leg, at now: Instant) {
        let isAtEnd = legs.allSatisfy(\.isAtEnd)
        phase = isAtEnd ? .finished : .settling
        // An overpayment changes nothing of what the customer was told.
        guard
            (leg.isSettled, leg.route, leg.isClosed)
                != (before.isSettled, before.route, before.isClosed)
        else { return }
        settledAt = isAtEnd && legs.contains(where: \.isSettled) ? now : nil
    }

    private func providerCall(
        _ kind: Leg.Call, for leg: Leg, currency: String
    ) -> ProviderCall {
        ProviderCall(
            caseID: caseID, provider: leg.provider,
            refund: ProviderRefund(
                legID: legID(of: leg), attempt: leg.refundAttempt,
                paymentReference: leg.paymentReference, refundReference: leg.refundReference,
                amount: leg.amount, currency: currency),
            kind: kind, isCheck: leg.isAtRest)
    }

    func indexOfLeg(_ legID: String) -> Int? {
        legs.firstIndex { self.legID(of: $0) == legID }
    }
}

/// The leg is not in exception, or crediting it could pay twice.
struct OperatorRefusal: Error, Sendable, Hashable {}
