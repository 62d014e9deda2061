import RefundMessages

extension OrderDesk {
    /// Takes a check in, or finds it again.
    ///
    /// - Parameters:
    ///   - facts: the usage documents known, by line id.
    ///   - due: until when the check may wait for the others.
    /// - Returns: the latest result to publish; nil while the check waits.
    mutating func receive(
        _ check: RefundCheck, traceparent: String?, by rules: any ProductRules.Type,
        facts: [String: UsageFacts], due: Instant
    ) -> RefundResult? {
        if let known = checks.first(where: { $0.check.caseID == check.caseID }) {
            return known.result
        }
        var open = OpenCheck(check, traceparent: traceparent, denied: denied(of: check))
        if !open.judge(by: rules, facts: facts, mayWait: true) { open.due = due }
        checks.append(open)
        return open.result
    }

    /// The answer to a dry run: what is known now. Nothing waits, and nothing is remembered.
    func advice(
        on check: RefundCheck, by rules: any ProductRules.Type, facts: [String: UsageFacts]
    ) -> RefundResult? {
        var open = OpenCheck(check, traceparent: nil, denied: denied(of: check))
        _ = open.judge(by: rules, facts: facts, mayWait: false)
        return open.result
    }

    /// Whether another request's hold would deny a line of this new check.
    func isInTheWay(of check: RefundCheck) -> Bool {
        !checks.contains { $0.check.caseID == check.caseID }
            && denied(of: check).contains { $0.code == .refundInProgress }
    }

    /// The lines that another request has or had. A pair is refunded as one (SSL-4): what another
    /// request has of it, it has of both. Only what is itself refunded is never paid again, and
    /// does not keep its certificate from being.
    private func denied(of check: RefundCheck) -> [LineVerdict] {
        check.lines.compactMap { line in
            if let code = denial(of: line.lineID) { return line.denied(code, by: []) }
            guard let partner = check.partner(of: line), let code = denial(of: partner.lineID)
            else { return nil }
            if line.item == .managedService { return line.denied(code, by: [.ssl4]) }
            return code == .refundInProgress ? line.denied(code, by: []) : nil
        }
    }

    private func denial(of lineID: String) -> LineCode? {
        if refunded.contains(lineID) { return .alreadyRefunded }
        return holds(lineID) ? .refundInProgress : nil
    }
}

extension RefundCheck {
    /// The other line of a certificate and its managed service, where the check has both.
    fileprivate func partner(of line: CheckLine) -> CheckLine? {
        let partner = line.item == .managedService ? line.parent : line.managedService
        return partner.flatMap { id in lines.first { $0.lineID == id } }
    }
}
