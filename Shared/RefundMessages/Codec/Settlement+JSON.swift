extension SettleLeg: JSONReadable, JSONWritable {
    /// The AMQP property `type` of this message.
    public static let messageType = "refund.settle.v1"

    /// Reads a message body. Faults come in the order of the fields.
    public static func decode(_ body: [UInt8]) throws(MessageFault) -> SettleLeg {
        try SettleLeg(json: JSONDocument(body).root)
    }

    /// The message body.
    public func encode() -> [UInt8] { jsonBytes(capacity: 256) }

    package init(json: JSONValue) throws(MessageFault) {
        self.init(caseID: try json["caseId"].caseKey(), legID: try json["legId"].legID())
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("caseId", caseID)
            json.field("legId", legID)
        }
    }
}

extension PaymentNotice: JSONReadable, JSONWritable {
    /// The AMQP property `type` of this message.
    public static let messageType = "refund.payment.v1"

    /// Reads a message body. Faults come in the order of the fields.
    public static func decode(_ body: [UInt8]) throws(MessageFault) -> PaymentNotice {
        try PaymentNotice(json: JSONDocument(body).root)
    }

    /// The message body.
    public func encode() -> [UInt8] { jsonBytes(capacity: 256) }

    package init(json: JSONValue) throws(MessageFault) {
        self.init(
            provider: try json["provider"].choice(),
            eventID: try json["eventId"].text(),
            legID: try json["legId"].legID())
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("provider", provider)
            json.field("eventId", eventID)
            json.field("legId", legID)
        }
    }
}
