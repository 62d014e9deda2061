import RefundMessages

extension RefundCase {
    /// An operator decided one line, or every line in review.
    ///
    /// A decision on a certificate or on its managed service carries both (SSL-4); an amount is then
    /// the certificate line's.
    ///
    /// - Throws: `not_in_review`, `amount_too_high`; the case is then unchanged.
    mutating func apply(_ decision: ReviewDecision, now: Instant) throws(MessageFault) {
        guard phase == .inReview else {
            throw MessageFault(.notInReview, "The request has no line in review.")
        }
        let decided: [Int]
        if let lineID = decision.lineID {
            guard let named = lines.firstIndex(where: { $0.lineID == lineID }),
                lines[named].isInReview
            else {
                throw MessageFault(.notInReview, path: "/lineId", "That line is not in review.")
            }
            decided = pair(of: named)
        } else {
            decided = lines.indices.filter { lines[$0].isInReview }
        }
        if let amount = decision.amount, let main = decided.first,
            amount > (lines[main].judged?.amount ?? 0)
        {
            throw MessageFault(
                .amountTooHigh, path: "/amount",
                "The amount is more than the line in review carries.")
        }
        for (position, index) in decided.enumerated() {
            let carried = lines[index].judged?.amount ?? 0
            lines[index].review =
                switch decision.decision {
                case .deny: .denied
                case .approve:
                    .approved(amount: position == 0 ? decision.amount ?? carried : carried)
                }
        }
        decide(now: now)
    }

    /// The line and, where it has one in review, its managed service or certificate: the
    /// certificate's line first.
    private func pair(of index: Int) -> [Int] {
        let line = lines[index]
        let partner = lines.firstIndex {
            $0.isInReview && ($0.line.parent == line.lineID || $0.lineID == line.line.parent)
        }
        guard let partner else { return [index] }
        return line.line.item == .managedService ? [partner, index] : [index, partner]
    }
}

extension CaseLine {
    var isInReview: Bool { verdict?.verdict == .review }
}
