import RefundMessages

extension RefundCase {
    /// Opens the case of a request on an order that is known and the account's own.
    static func open(
        _ request: RefundRequest, caseID: String, traceparent: String?, order: OrderPaid,
        assessment: GeneralAssessment, policyVersion: String, now: Instant
    ) -> RefundCase {
        var opened = RefundCase(
            caseID: caseID, request: request, traceparent: traceparent, phase: .checking,
            policyVersion: policyVersion)
        opened.terms = Terms(
            currency: order.currency, deadline: assessment.deadline,
            revocationExpectedBy: assessment.revocationExpectedBy)
        let asked = Dictionary(
            uniqueKeysWithValues: assessment.checks.flatMap(\.lines).map { ($0.lineID, $0) })
        opened.lines = assessment.lines.map { line in
            let check = asked[line.lineID]
            var judged: LineVerdict?
            if case .denied(let verdict) = line.finding { judged = verdict }
            return CaseLine(
                product: line.product,
                line: check ?? CheckLine(lineID: line.lineID, fee: 0, refundable: 0),
                effect: line.effect, isChecked: check != nil, judged: judged)
        }
        for check in assessment.checks { opened.resultRevisions[check.product] = 0 }
        opened.decide(now: now)
        return opened
    }

    /// The case of a request whose order is not known to its account: nothing of it is told.
    static func orderNotFound(
        _ request: RefundRequest, caseID: String, traceparent: String?, policyVersion: String,
        now: Instant
    ) -> RefundCase {
        var denied = RefundCase(
            caseID: caseID, request: request, traceparent: traceparent, phase: .finished,
            policyVersion: policyVersion)
        denied.decidedAt = now
        return denied
    }
}
