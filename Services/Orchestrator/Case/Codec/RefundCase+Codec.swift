import RefundMessages

/// The stored form of a case: JSON, so that it can be looked at. Its size is what a refund costs the
/// disk, which has it written four times: names are short, and nothing stands in it twice.
///
/// What is left out is what the *same* form says elsewhere, or stands in the table below. No rule is
/// asked for it, so that a later version, with other rules, reads what this one wrote.
///
/// | name | what, and what it is where it is left out |
/// |---|---|
/// | `v` | of the form: 2; the first had none |
/// | `r` `o` `a` `t` | request, order, account, requested at; `c`: the case (`r`) |
/// | `of` `all` `dry` `why` | lines asked for, `allOrNothing`, `dryRun`, reason |
/// | `tp` `p` `pv` | `traceparent`, phase, policy's version |
/// | `u` `by` `ex` | currency, deadline, revocation expected by: of the order's terms, if known |
/// | `l` `g` | lines, legs (none) |
/// | `n` | revision of the results of every product asked, or `[product, revision]` of each |
/// | `d` `s` | decided at, settled at |
/// | `out`, `outcome` | latest outcome: what differs from the rest, or as it is published |
///
/// Instants are seconds since 1970.
extension RefundCase {
    private static let version: Int64 = 2

    /// - Throws: `MessageFault` where the bytes are no stored case.
    init(stored bytes: [UInt8]) throws(MessageFault) {
        let json = try JSONDocument(bytes, limits: .stored).root
        guard let version = try json["v"].ifPresent else {
            self = try RefundCase(earlier: json)
            return
        }
        _ = try version.integer(Self.version...Self.version)
        let request = try RefundRequest(stored: json)
        self.init(
            caseID: try json["c"].ifPresent?.text() ?? request.requestID, request: request,
            traceparent: try json["tp"].ifPresent?.text(), phase: try json["p"].choice(),
            policyVersion: try json["pv"].text())
        if let currency = try json["u"].ifPresent {
            terms = Terms(
                currency: try currency.text(), deadline: try json["by"].seconds(),
                revocationExpectedBy: try json["ex"].seconds())
        }
        lines = try json["l"].ifPresent?.list() ?? []
        resultRevisions = try readRevisions(json["n"])
        legs = try json["g"].ifPresent?.list() ?? []
        decidedAt = try json["d"].ifPresent?.seconds()
        settledAt = try json["s"].ifPresent?.seconds()
        if let outcome = try json["out"].ifPresent {
            self.outcome = try readOutcome(outcome)
        } else if let outcome = try json["outcome"].ifPresent {
            self.outcome = try RefundOutcome(json: outcome)
        }
    }

    func encodeForStore() -> [UInt8] {
        var json = JSONWriter(capacity: 1_024)
        json.object { json in
            json.field("v", Self.version)
            request.writeStored(to: &json)
            if caseID != request.requestID { json.field("c", caseID) }
            json.fieldIfPresent("tp", traceparent)
            json.field("p", phase)
            json.field("pv", policyVersion)
            if let terms {
                json.field("u", terms.currency)
                json.seconds("by", terms.deadline)
                json.seconds("ex", terms.revocationExpectedBy)
            }
            if !lines.isEmpty { json.field("l", lines) }
            writeRevisions(to: &json)
            if !legs.isEmpty { json.field("g", legs) }
            json.seconds("d", decidedAt)
            json.seconds("s", settledAt)
            if let outcome { write(outcome, to: &json) }
        }
        return json.bytes
    }

    private func readRevisions(_ json: JSONValue) throws(MessageFault) -> [Product: Int64] {
        guard let json = json.ifPresent else { return [:] }
        if let revision = try? json.integer() {
            return Dictionary(productsAsked.map { ($0, revision) }, uniquingKeysWith: max)
        }
        var revisions: [Product: Int64] = [:]
        let pairs = try json.list { (pair) throws(MessageFault) in
            try pair.list(2...2) { (part) throws(MessageFault) in part }
        }
        for pair in pairs {
            revisions[try pair[0].choice()] = try pair[1].integer()
        }
        return revisions
    }

    private func writeRevisions(to json: inout JSONWriter) {
        guard let first = resultRevisions.first?.value else { return }
        let asked = Set(productsAsked)
        if asked.count == resultRevisions.count,
            asked.allSatisfy({ resultRevisions[$0] == first })
        {
            return json.field("n", first)
        }
        json.name("n")
        json.array { json in
            for (product, revision) in resultRevisions.sorted(by: { $0.key < $1.key }) {
                json.array { json in
                    product.write(to: &json)
                    revision.write(to: &json)
                }
            }
        }
    }

    private var productsAsked: [Product] { lines.filter(\.isChecked).map(\.product) }
}

extension RefundCase.Phase: JSONWritable {}

extension RefundRequest {
    fileprivate init(stored json: JSONValue) throws(MessageFault) {
        self.init(
            requestID: try json["r"].identifier(), orderID: try json["o"].identifier(),
            accountID: try json["a"].identifier(), requestedAt: try json["t"].seconds(),
            lines: try json["of"].ifPresent?.list { (id) throws(MessageFault) in
                try id.identifier()
            },
            allOrNothing: try json.flag("all"), dryRun: try json.flag("dry"),
            reason: try json["why"].ifPresent?.text(0...500))
    }

    fileprivate func writeStored(to json: inout JSONWriter) {
        json.field("r", requestID)
        json.field("o", orderID)
        json.field("a", accountID)
        json.seconds("t", requestedAt)
        json.fieldIfPresent("of", lines)
        json.flag("all", allOrNothing)
        json.flag("dry", dryRun)
        json.fieldIfPresent("why", reason)
    }
}

extension JSONValue {
    /// A member that is left out where it is false.
    func flag(_ name: StaticString) throws(MessageFault) -> Bool {
        try self[name].ifPresent?.bool() ?? false
    }
}

extension JSONWriter {
    /// A member that is left out where it is false.
    mutating func flag(_ name: StaticString, _ isSet: Bool) {
        if isSet { field(name, true) }
    }
}
