extension ReviewDecision: JSONReadable, JSONWritable {
    /// The AMQP property `type` of this message.
    public static let messageType = "review.decision.v1"

    /// Reads a message body. Faults come in the order of the contract's fields, then an `amount`
    /// that may not stand there.
    public static func decode(_ body: [UInt8]) throws(MessageFault) -> ReviewDecision {
        try ReviewDecision(json: JSONDocument(body).root)
    }

    /// The message body.
    public func encode() -> [UInt8] { jsonBytes(capacity: 256) }

    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            requestID: try json["requestId"].identifier(),
            lineID: try json["lineId"].ifPresent?.identifier(),
            decision: try json["decision"].choice(),
            amount: try json["amount"].ifPresent?.integer(1...maxInteger),
            operator: try json["operator"].text(1...128),
            note: try json["note"].ifPresent?.text(0...500))
        guard amount == nil || decision == .approve else {
            throw try json["amount"].fault("must be absent from a denial")
        }
        guard amount == nil || lineID != nil else {
            throw try json["amount"].fault("must be absent without lineId")
        }
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("requestId", requestID)
            json.fieldIfPresent("lineId", lineID)
            json.field("decision", decision)
            json.fieldIfPresent("amount", amount)
            json.field("operator", `operator`)
            json.fieldIfPresent("note", note)
        }
    }
}
