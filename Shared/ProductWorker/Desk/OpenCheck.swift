import RefundMessages

/// A check that waits for usage documents, or was answered and its request has no final outcome yet,
/// or whose request paid lines: these are watched, since usage of a refunded line is an alert.
struct OpenCheck: Sendable, Hashable {
    let check: RefundCheck
    /// W3C trace of the request, for results that no message of the request causes.
    let traceparent: String?
    /// Of the latest result; 0 while the check waits.
    var revision: Int64 = 0
    /// The latest result's lines. While the check waits: those that were denied on arrival.
    var verdicts: [LineVerdict]
    /// The lines that this check may still pay. Every other line is decided for it: no later usage
    /// document revives one.
    var holds: Set<String>
    /// The lines that the request was paid for, once it is final.
    var paid: Set<String> = []
    /// When the wait ends; nil once answered.
    var due: Instant?
    /// When the latest result goes out again: nil once it is confirmed, or where the redelivery of
    /// the check sees to it.
    var repeatAt: Instant?

    /// A check that arrived just now.
    ///
    /// - Parameter denied: the lines that another request has or had.
    init(_ check: RefundCheck, traceparent: String?, denied: [LineVerdict]) {
        self.check = check
        self.traceparent = traceparent
        verdicts = denied
        holds = Set(check.lines.map(\.lineID)).subtracting(denied.map(\.lineID))
    }

    /// Whether a usage document about that line can change the result.
    func concerns(_ lineID: String) -> Bool { holds.contains(lineID) || paid.contains(lineID) }

    /// The latest result; nil while the check waits.
    var result: RefundResult? {
        guard revision > 0 else { return nil }
        return RefundResult(
            caseID: check.caseID, requestID: check.requestID, orderID: check.orderID,
            product: check.product, revision: revision, lines: verdicts)
    }

    /// Judges the lines by what is known now, as of the request.
    ///
    /// - Parameter mayWait: whether a line without a usage document keeps a first answer back;
    ///   else it goes to review.
    /// - Returns: whether there is a new result, with its revision assigned.
    mutating func judge(
        by rules: any ProductRules.Type, facts: [String: UsageFacts], mayWait: Bool
    ) -> Bool {
        guard let lines = lines(by: rules, facts: facts, mayWait: mayWait && revision == 0),
            revision == 0 || lines != verdicts
        else { return false }
        verdicts = lines
        revision += 1
        due = nil
        holds.formIntersection(lines.lazy.filter(\.mayBePaid).map(\.lineID))
        return true
    }

    /// Judges the paid lines again, after their usage changed.
    ///
    /// - Returns: whether one would not be paid so any more: the orchestrator raises the alert
    ///   (`used_after_refund`).
    mutating func judgePaid(
        by rules: any ProductRules.Type, facts: [String: UsageFacts]
    ) -> Bool {
        let before = verdicts
        for (line, assessment) in zip(check.lines, rules.assess(check, facts: facts)) {
            guard paid.contains(line.lineID), case .decided(let verdict) = assessment,
                let index = verdicts.firstIndex(where: { $0.lineID == line.lineID }),
                verdicts[index].verdict != verdict.verdict
                    || verdicts[index].amount != verdict.amount
            else { continue }
            verdicts[index] = verdict
        }
        guard verdicts != before else { return false }
        revision += 1
        return true
    }

    private func lines(
        by rules: any ProductRules.Type, facts: [String: UsageFacts], mayWait: Bool
    ) -> [LineVerdict]? {
        let assessments = rules.assess(check, facts: facts)
        precondition(assessments.count == check.lines.count, "one assessment for each line")
        var lines: [LineVerdict] = []
        for (line, assessment) in zip(check.lines, assessments) {
            if !holds.contains(line.lineID),
                let decided = verdicts.first(where: { $0.lineID == line.lineID })
            {
                lines.append(decided)
                continue
            }
            switch assessment {
            case .decided(let verdict): lines.append(verdict)
            case .usageUnknown:
                guard !mayWait else { return nil }
                lines.append(line.usageUnknown)
            }
        }
        return lines
    }
}

extension LineVerdict {
    /// Whether money may still flow for the line: such a line is held.
    var mayBePaid: Bool { verdict == .eligible || verdict == .review }
}

extension CheckLine {
    /// What is said of a line whose usage document never came. A managed service follows its
    /// certificate's (SSL-4).
    fileprivate var usageUnknown: LineVerdict {
        review(
            .usageUnknown, amount: refundable, by: item == .managedService ? [.ssl4] : [])
    }
}
