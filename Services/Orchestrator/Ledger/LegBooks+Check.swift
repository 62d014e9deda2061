import RefundMessages

/// A leg's history against its postings. Pure.
extension RefundCase {
    /// The first disagreement between a case's legs and the postings under its id.
    func checkPostings(_ postings: [LedgerPosting]) throws(LedgerDiscrepancy) {
        let byLeg = Dictionary(grouping: postings, by: \.legID)
        let legIDs = Set(legs.map { legID(of: $0) })
        if let orphan = byLeg.keys.filter({ !legIDs.contains($0) }).min() {
            throw LedgerDiscrepancy(
                .postingOrphan, "leg \(orphan)",
                "the request has no such leg, but the ledger has postings of it")
        }
        for leg in legs {
            try check(leg, against: byLeg[legID(of: leg)] ?? [])
        }
    }

    private func check(
        _ leg: Leg, against postings: [LedgerPosting]
    ) throws(LedgerDiscrepancy) {
        let legID = legID(of: leg)
        for posting in postings { try check(posting, of: leg) }
        func count(_ transition: LedgerTransition) -> Int {
            postings.count { $0.transition == transition.rawValue }
        }
        for (transition, expected) in leg.postingsExpected {
            let found = count(transition)
            guard found != expected else { continue }
            throw LedgerDiscrepancy(
                found < expected ? .postingMissing : .postingUnexpected, "leg \(legID)",
                "its history has \(expected) \(transition.rawValue), the ledger \(found)")
        }
        let net = count(.decided) + count(.writtenOff) - count(.released)
        guard net == leg.books.owed else {
            throw LedgerDiscrepancy(
                net < leg.books.owed ? .postingMissing : .postingUnexpected, "leg \(legID)",
                "by its history it is owed \(leg.books.owed) times its amount, by the ledger "
                    + "\(net) times (decided and written_off less released)")
        }
        guard leg.books.payable >= 0 || leg.stage == .overpaid else {
            throw LedgerDiscrepancy(
                .overpaidUnnoticed, "leg \(legID)",
                "more went out than was owed, and the leg is \(leg.state.rawValue)")
        }
    }

    /// A posting's amount, currency, accounts and attempt.
    private func check(_ posting: LedgerPosting, of leg: Leg) throws(LedgerDiscrepancy) {
        let name = "\(posting.transition) \(posting.attempt)"
        guard let transition = LedgerTransition(rawValue: posting.transition) else {
            throw LedgerDiscrepancy(
                .postingUnexpected, "leg \(posting.legID)",
                "the ledger has a posting \(name), and there is no such transition")
        }
        let should = LedgerTransfer(
            transition, of: leg, legID: posting.legID, accountID: request.accountID,
            currency: terms?.currency ?? "", at: posting.postedAt)
        let (is_, must) = (posting.movement, should.movement)
        guard is_ == must else {
            throw LedgerDiscrepancy(
                .postingDiffers, "leg \(posting.legID)",
                "the posting \(name) moves \(is_); it must move \(must)")
        }
        guard leg.attempts(of: transition).contains(posting.attempt) else {
            throw LedgerDiscrepancy(
                .postingUnexpected, "leg \(posting.legID)",
                "the ledger has a posting \(name), and the leg was reversed \(leg.reversals) times")
        }
    }
}

extension Leg {
    /// How often each transition must be posted that the leg's state determines alone.
    fileprivate var postingsExpected: [(LedgerTransition, Int)] {
        [
            (.decided, isHandedOver ? 1 : 0), (.reversed, reversals),
            (.succeeded, books.paid + reversals), (.credited, books.credited),
        ]
    }

    fileprivate func attempts(of transition: LedgerTransition) -> ClosedRange<Int64> {
        switch transition {
        case .decided: 0...0
        case .reversed: min(1, Int64(reversals))...Int64(reversals)
        case .succeeded, .credited, .released, .writtenOff: 0...Int64(reversals)
        }
    }
}

extension LedgerPosting {
    fileprivate var movement: String { "\(amount) \(currency) from \(debit) to \(credit)" }
}

extension LedgerTransfer {
    fileprivate var movement: String {
        "\(amount) \(currency) from \(debit.name) to \(credit.name)"
    }
}
