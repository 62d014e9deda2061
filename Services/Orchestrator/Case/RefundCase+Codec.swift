import RefundMessages

/// The stored form of a case: JSON, so that it can be looked at. What is optional may be missing, so
/// that a case of an earlier version stays readable.
extension RefundCase: JSONReadable, JSONWritable {
    /// - Throws: `MessageFault` where the bytes are no stored case.
    init(stored bytes: [UInt8]) throws(MessageFault) {
        try self.init(json: JSONDocument(bytes, limits: .stored).root)
    }

    func encodeForStore() -> [UInt8] { jsonBytes(capacity: 2048) }

    init(json: JSONValue) throws(MessageFault) {
        self.init(
            caseID: try json["caseId"].text(),
            request: try RefundRequest(json: try json["request"]),
            traceparent: try json["traceparent"].ifPresent?.text(),
            phase: try json["phase"].choice(),
            policyVersion: try json["policyVersion"].text())
        if let terms = try json["terms"].ifPresent { self.terms = try Terms(json: terms) }
        lines = try json["lines"].list()
        let results = try json["results"].list(of: ResultRevision.self)
        resultRevisions = Dictionary(
            results.map { ($0.product, $0.revision) }, uniquingKeysWith: max)
        legs = try json["legs"].list()
        if let outcome = try json["outcome"].ifPresent {
            self.outcome = try RefundOutcome(json: outcome)
        }
        decidedAt = try json["decidedAt"].ifPresent?.instant()
        settledAt = try json["settledAt"].ifPresent?.instant()
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("caseId", caseID)
            json.field("request", request)
            json.fieldIfPresent("traceparent", traceparent)
            json.field("phase", phase)
            json.field("policyVersion", policyVersion)
            json.fieldIfPresent("terms", terms)
            json.field("lines", lines)
            let results = resultRevisions.sorted { $0.key < $1.key }
            json.field("results", results.map { ResultRevision(product: $0, revision: $1) })
            json.field("legs", legs)
            if let outcome {
                json.name("outcome")
                outcome.writeWithoutTexts(to: &json)
            }
            json.fieldIfPresent("decidedAt", decidedAt)
            json.fieldIfPresent("settledAt", settledAt)
        }
    }
}

extension RefundCase.Phase: JSONWritable {}

private struct ResultRevision: JSONReadable, JSONWritable {
    var product: Product
    var revision: Int64

    init(product: Product, revision: Int64) {
        self.product = product
        self.revision = revision
    }

    init(json: JSONValue) throws(MessageFault) {
        product = try json["product"].choice()
        revision = try json["revision"].integer()
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("product", product)
            json.field("revision", revision)
        }
    }
}

extension RefundCase.Terms: JSONReadable, JSONWritable {
    init(json: JSONValue) throws(MessageFault) {
        currency = try json["currency"].text()
        deadline = try json["deadline"].instant()
        revocationExpectedBy = try json["revocationExpectedBy"].instant()
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("currency", currency)
            json.field("deadline", deadline)
            json.field("revocationExpectedBy", revocationExpectedBy)
        }
    }
}

extension CaseLine: JSONReadable, JSONWritable {
    init(json: JSONValue) throws(MessageFault) {
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

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("product", product)
            json.field("line", line)
            json.field("effect", Int(effect.rawValue))
            json.field("isChecked", isChecked)
            json.fieldIfPresent("judged", judged)
            switch review {
            case .approved(let amount): json.field("approved", amount)
            case .denied: json.field("reviewDenied", true)
            case nil: break
            }
        }
    }
}
