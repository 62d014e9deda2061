import RefundMessages

/// Cases as the first versions stored them, which had the fields' full names and the outcome whole.
/// Such a case is written anew with its next change.
extension RefundCase {
    init(earlier json: JSONValue) throws(MessageFault) {
        self.init(
            caseID: try json["caseId"].text(),
            request: try RefundRequest(json: try json["request"]),
            traceparent: try json["traceparent"].ifPresent?.text(),
            phase: try json["phase"].choice(),
            policyVersion: try json["policyVersion"].text())
        if let terms = try json["terms"].ifPresent {
            self.terms = Terms(
                currency: try terms["currency"].text(), deadline: try terms["deadline"].instant(),
                revocationExpectedBy: try terms["revocationExpectedBy"].instant())
        }
        lines = try json["lines"].list { (line) throws(MessageFault) in
            try CaseLine(earlier: line)
        }
        let results = try json["results"].list { (result) throws(MessageFault) in result }
        for result in results {
            resultRevisions[try result["product"].choice()] = try result["revision"].integer()
        }
        legs = try json["legs"].list { (leg) throws(MessageFault) in try Leg(earlier: leg) }
        if let outcome = try json["outcome"].ifPresent {
            self.outcome = try RefundOutcome(json: outcome)
        }
        decidedAt = try json["decidedAt"].ifPresent?.instant()
        settledAt = try json["settledAt"].ifPresent?.instant()
    }
}

extension CaseLine {
    fileprivate init(earlier json: JSONValue) throws(MessageFault) {
        product = try json["product"].choice()
        line = try CheckLine(json: try json["line"])
        effect = PromotionEffect(
            rawValue: UInt8(truncatingIfNeeded: try json["effect"].integer(0...255)))
        isChecked = try json["isChecked"].bool()
        if let judged = try json["judged"].ifPresent { self.judged = try LineVerdict(json: judged) }
        if let amount = try json["approved"].ifPresent?.integer() {
            review = .approved(amount: amount)
        } else if try json["reviewDenied"].ifPresent?.bool() == true {
            review = .denied
        }
    }
}
