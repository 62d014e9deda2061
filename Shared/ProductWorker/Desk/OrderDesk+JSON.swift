import RefundMessages

/// The stored form of a desk. Fields are only ever added, optional ones.
extension OrderDesk: JSONReadable, JSONWritable {
    /// Reads what `jsonBytes()` wrote.
    static func decode(_ bytes: [UInt8]) throws(MessageFault) -> OrderDesk {
        try OrderDesk(json: JSONDocument(bytes, limits: .stored).root)
    }

    init(json: JSONValue) throws(MessageFault) {
        refunded = Set(try json["refunded"].identifiers())
        checks = try json["checks"].list()
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("refunded", refunded.sorted())
            json.field("checks", checks)
        }
    }
}

extension OpenCheck: JSONReadable, JSONWritable {
    init(json: JSONValue) throws(MessageFault) {
        check = try RefundCheck(json: json["check"])
        traceparent = try json["traceparent"].ifPresent?.text()
        revision = try json["revision"].integer()
        verdicts = try json["verdicts"].list()
        holds = Set(try json["holds"].identifiers())
        paid = Set(try json["paid"].ifPresent?.identifiers() ?? [])
        due = try json["due"].ifPresent?.instant()
        repeatAt = try json["repeatAt"].ifPresent?.instant()
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("check", check)
            json.fieldIfPresent("traceparent", traceparent)
            json.field("revision", revision)
            json.field("verdicts", verdicts)
            json.field("holds", holds.sorted())
            if !paid.isEmpty { json.field("paid", paid.sorted()) }
            json.fieldIfPresent("due", due)
            json.fieldIfPresent("repeatAt", repeatAt)
        }
    }
}

extension JSONValue {
    fileprivate func identifiers() throws(MessageFault) -> [String] {
        try list { (element) throws(MessageFault) in try element.identifier() }
    }
}
