extension RefundRequest: JSONReadable, JSONWritable {
    /// The AMQP property `type` of this message.
    public static let messageType = "refund.request.v1"

    /// Reads a message body. Faults come in the order of the contract's fields.
    public static func decode(_ body: [UInt8]) throws(MessageFault) -> RefundRequest {
        try RefundRequest(json: JSONDocument(body).root)
    }

    /// The message body.
    public func encode() -> [UInt8] { jsonBytes(capacity: 256) }

    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            requestID: try json["requestId"].identifier(),
            orderID: try json["orderId"].identifier(),
            accountID: try json["accountId"].identifier(),
            requestedAt: try json["requestedAt"].instant(),
            lines: try json["lines"].ifPresent?.identifiers(),
            allOrNothing: try json["allOrNothing"].ifPresent?.bool() ?? false,
            dryRun: try json["dryRun"].ifPresent?.bool() ?? false,
            reason: try json["reason"].ifPresent?.text(0...500))
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("requestId", requestID)
            json.field("orderId", orderID)
            json.field("accountId", accountID)
            json.field("requestedAt", requestedAt)
            json.fieldIfPresent("lines", lines)
            json.field("allOrNothing", allOrNothing)
            json.field("dryRun", dryRun)
            json.fieldIfPresent("reason", reason)
        }
    }
}

extension JSONValue {
    /// At least one id, none twice: the later one is the fault.
    fileprivate func identifiers() throws(MessageFault) -> [String] {
        var seen: Set<String> = []
        return try list(1...Int(Int32.max)) { (element) throws(MessageFault) in
            let id = try element.identifier()
            guard seen.insert(id).inserted else { throw element.fault("is named twice") }
            return id
        }
    }
}
