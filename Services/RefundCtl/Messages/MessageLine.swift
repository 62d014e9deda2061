import AMQP
import Foundation
import RefundMessages
import Telemetry

/// One line of what `publish` reads:
/// `{"exchange": "refund.requests", "routingKey": "request", "body": {…}}`, with `type` and
/// `messageId` where they shall be other than by default. The body goes out byte for byte.
struct MessageLine: Hashable {
    /// The exchanges of the contract that anyone may publish to.
    static let exchanges = ["refund.requests", "refund.facts", "refund.reviews"]

    var exchange: String
    var routingKey: String
    var type: String?
    var messageID: String?
    var body: [UInt8]

    init(_ bytes: [UInt8]) throws(MessageFault) {
        let line = try RawObject(bytes)
        for member in line.members where !Self.members.contains(member.name) {
            throw JSONValue.fault(at: "/" + member.name, "is no member of a line")
        }
        exchange = try Self.text("exchange", in: line)
        guard Self.exchanges.contains(exchange) else {
            throw JSONValue.fault(
                at: "/exchange", "must be one of \(Self.exchanges.joined(separator: ", "))")
        }
        routingKey = try Self.text("routingKey", in: line)
        type = try line["type"].map { (_) throws(MessageFault) in try Self.text("type", in: line) }
        messageID = try line["messageId"].map { (_) throws(MessageFault) in
            try Self.text("messageId", in: line)
        }
        guard let body = line["body"] else { throw JSONValue.fault(at: "/body", "is missing") }
        guard body.first == UInt8(ascii: "{") else {
            throw JSONValue.fault(at: "/body", "must be an object")
        }
        self.body = Array(body)
    }

    init(exchange: String, routingKey: String, type: String? = nil, body: [UInt8]) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.type = type
        self.body = body
    }

    /// The message, persistent, with a fresh trace and an id of its own where the line has none.
    func message(at now: Instant) -> OutgoingMessage {
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = 2
        properties.type = type ?? defaultType
        properties.messageID = messageID ?? UUID().uuidString.lowercased()
        properties.correlationID = requestID
        properties.timestamp = UInt64(max(0, now.seconds))
        properties.appID = "refundctl"
        properties.headers = FieldTable([
            ("traceparent", .string(Array(TraceContext.random().traceparent.utf8)))
        ])
        return OutgoingMessage(
            exchange: exchange, routingKey: routingKey, properties: properties, body: body)
    }

    /// What the contract says this exchange and routing key carry.
    var defaultType: String? {
        switch (exchange, routingKey) {
        case ("refund.requests", "request"): RefundRequest.messageType
        case ("refund.facts", "order"): "order.paid.v1"
        case ("refund.facts", let key) where key.hasPrefix("usage."): key + ".v1"
        case ("refund.reviews", "decision"): ReviewDecision.messageType
        default: nil
        }
    }

    /// The request that the body is about, if it says so.
    var requestID: String? {
        guard exchange != "refund.facts", let json = try? JSONDocument(body).root else {
            return nil
        }
        return try? json["requestId"].identifier()
    }

    private static let members: Set<String> = [
        "exchange", "routingKey", "type", "messageId", "body",
    ]

    /// A property: AMQP short strings have at most 255 bytes.
    private static func text(_ name: String, in line: RawObject) throws(MessageFault) -> String {
        let place = "/" + name
        guard let value = line[name] else { throw JSONValue.fault(at: place, "is missing") }
        guard value.first == UInt8(ascii: "\"") else {
            throw JSONValue.fault(at: place, "must be a text")
        }
        let text = try RawObject.text(value)
        guard (1...255).contains(text.utf8.count) else {
            throw JSONValue.fault(at: place, "must have 1 to 255 bytes")
        }
        return text
    }
}
