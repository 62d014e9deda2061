import RefundMessages

extension OrderDesk {
    /// Judges again the checks that hold the line, after its usage document changed.
    ///
    /// - Parameter facts: all usage documents known of the order, by line id.
    /// - Returns: first answers of checks that waited, and revised results: of a paid line too, which
    ///   is an alert there.
    mutating func usageChanged(
        of lineID: String, by rules: any ProductRules.Type, facts: [String: UsageFacts],
        now: Instant
    ) -> [LateResult] {
        late(now) { check in
            if check.paid.contains(lineID) { return check.judgePaid(by: rules, facts: facts) }
            return check.holds.contains(lineID)
                && check.judge(by: rules, facts: facts, mayWait: true)
        }
    }

    /// Answers the checks whose wait is over, and returns unconfirmed results again.
    mutating func wake(
        by rules: any ProductRules.Type, facts: [String: UsageFacts], now: Instant
    ) -> [LateResult] {
        late(now) { check in
            if let repeatAt = check.repeatAt { return repeatAt <= now }
            guard let due = check.due, due <= now else { return false }
            return check.judge(by: rules, facts: facts, mayWait: false)
        }
    }

    /// The broker has that result.
    mutating func confirmed(_ result: RefundResult) {
        for index in checks.indices
        where checks[index].check.caseID == result.caseID
            && checks[index].revision == result.revision
        {
            checks[index].repeatAt = nil
        }
    }

    /// Takes a request's outcome in. A final one ends it: its check is finished, what it paid is closed
    /// for good, the rest is free. Another one frees the lines that it says are decided against: a
    /// reviewer denied them, say. Advice has a request id that means nothing.
    ///
    /// - Returns: the product's lines that the outcome says were refunded.
    mutating func take(_ outcome: RefundOutcome, product: Product) -> [String] {
        guard outcome.status != .advice else { return [] }
        guard !outcome.status.isFinal else { return finish(outcome, product: product) }
        let decided = outcome.lines.map(\.verdict).filter { !$0.mayBePaid }.map(\.lineID)
        for index in checks.indices where checks[index].check.caseID == outcome.requestID {
            checks[index].holds.subtract(decided)
        }
        return []
    }

    private mutating func finish(_ outcome: RefundOutcome, product: Product) -> [String] {
        let paid = outcome.refundedLines(of: product)
        refunded.formUnion(paid)
        for index in checks.indices where checks[index].check.caseID == outcome.requestID {
            checks[index].holds = []
            checks[index].paid = Set(paid)
            checks[index].due = nil
        }
        checks.removeAll { $0.check.caseID == outcome.requestID && $0.paid.isEmpty }
        return paid
    }

    private mutating func late(
        _ now: Instant, _ isDue: (inout OpenCheck) -> Bool
    ) -> [LateResult] {
        var results: [LateResult] = []
        for index in checks.indices where isDue(&checks[index]) {
            checks[index].repeatAt = now.advanced(bySeconds: Self.repeatSeconds)
            if let result = LateResult(checks[index]) { results.append(result) }
        }
        return results
    }
}

extension RefundOutcome {
    fileprivate func refundedLines(of product: Product) -> [String] {
        guard status == .refunded || status == .partiallyRefunded else { return [] }
        return lines.filter { $0.product == product && $0.verdict.verdict == .eligible }
            .map(\.verdict.lineID)
    }
}

extension UsageFacts {
    /// The facts after the line was refunded, where that changes the product's resources: every
    /// authority is then `refunded` (PCA-4).
    var afterRefund: UsageFacts? {
        guard case .pca(var usage) = self else { return nil }
        for index in usage.authorities.indices { usage.authorities[index].status = .refunded }
        return .pca(usage)
    }
}
