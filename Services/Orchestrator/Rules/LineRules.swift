import RefundMessages

/// The general rules for one requested line, in their order. The first that speaks decides.
struct LineRules {
    let line: OrderLine
    let pairs: OrderPairs
    let terms: PromotionReading
    let isInTime: Bool

    /// What the promotion's terms did to the line. A managed service that is refunded with its
    /// certificate has that line's rules too, GEN-2 included.
    var effect: PromotionEffect {
        let certificate = line.parent == nil ? nil : pairs.requestedPartner(of: line)
        let isMoved =
            pairs.isAmountMoved(line) || certificate.map(pairs.isAmountMoved) ?? false
        return isMoved ? terms.effect.union(.amountMoved) : terms.effect
    }

    func finding() -> GeneralAssessment.Finding {
        if let verdict = standingDenial() ?? promotionDenial() ?? windowDenial() ?? cashDenial() {
            return .denied(verdict)
        }
        return .toBeChecked(refundable: pairs.refundable(line))
    }

    /// A pair is refunded as one (SSL-4): what another request has of it, it has of both. Only what
    /// is itself refunded is never paid again, and does not keep its certificate from being.
    private func standingDenial() -> LineVerdict? {
        if let code = denialCode(pairs.standing(of: line)) { return denied(code, []) }
        guard let partner = pairs.requestedPartner(of: line),
            let code = denialCode(pairs.standing(of: partner))
        else { return nil }
        if line.parent != nil { return denied(code, [.ssl4]) }
        return code == .refundInProgress ? denied(code, []) : nil
    }

    private func denialCode(_ standing: LineStanding) -> LineCode? {
        switch standing {
        case .free: nil
        case .inProgress: .refundInProgress
        case .refunded: .alreadyRefunded
        }
    }

    /// GEN-2.
    private func promotionDenial() -> LineVerdict? {
        terms.isRefundable ? nil : denied(.promotionNotRefundable, [.gen2])
    }

    /// GEN-1, and SSL-1 for certificates.
    private func windowDenial() -> LineVerdict? {
        guard !isInTime else { return nil }
        let rules: [Rule] = line.product == .certificates ? [.gen1, .ssl1] : [.gen1]
        return denied(.windowClosed, movedDeadline + rules)
    }

    /// GEN-3. Whether a certificate and its managed service have cash is seen from the order, also
    /// where only one of them is asked for.
    private func cashDenial() -> LineVerdict? {
        let pair = [line] + (pairs.partner(of: line).map { [$0] } ?? [])
        guard pair.allSatisfy({ pairs.refundable($0) == 0 }) else { return nil }
        let isByPromotion =
            terms.effect.contains(.deadlineMoved) || pair.contains(where: pairs.isAmountMoved)
        return denied(.noCashPaid, (isByPromotion ? [.gen2] : []) + [.gen3])
    }

    private var movedDeadline: [Rule] { terms.effect.contains(.deadlineMoved) ? [.gen2] : [] }

    private func denied(_ code: LineCode, _ rules: [Rule]) -> LineVerdict {
        LineVerdict(lineID: line.lineID, verdict: .denied, code: code, rules: rules.sorted())
    }
}
