internal import Tracing

/// Where messages go to or come from, as OpenTelemetry's conventions for RabbitMQ name it: of
/// several messages what they have in common.
struct Destination {
    private var exchange: String?
    private var routingKey: String?
    private var queue: String?

    init(_ messages: [OutgoingMessage]) {
        exchange = Self.common(messages.lazy.map(\.exchange))
        routingKey = Self.common(messages.lazy.map(\.routingKey))
    }

    init(_ deliveries: [Delivery], queue: String?) {
        exchange = Self.common(deliveries.lazy.map(\.exchange))
        routingKey = Self.common(deliveries.lazy.map(\.routingKey))
        self.queue = queue
    }

    /// `{exchange}:{routing key}:{queue}` without what is empty or said twice.
    var name: String {
        let key = routingKey == queue ? nil : routingKey
        let parts = [exchange, key, queue].compactMap { $0 }.filter { !$0.isEmpty }
        return parts.isEmpty ? "amq.default" : parts.joined(separator: ":")
    }

    var attributes: SpanAttributes {
        var attributes: SpanAttributes = [:]
        attributes["messaging.system"] = "rabbitmq"
        attributes["messaging.destination.name"] = name
        if let routingKey, !routingKey.isEmpty {
            attributes["messaging.rabbitmq.destination.routing_key"] = routingKey
        }
        return attributes
    }

    private static func common(_ values: some Sequence<String>) -> String? {
        var first: String?
        for value in values {
            if first == nil { first = value }
            if first != value { return nil }
        }
        return first
    }
}

extension SpanAttributes {
    /// What the conventions tell of a single message: never its body.
    mutating func describe(_ properties: MessageProperties, bodyBytes: Int) {
        self["messaging.message.body.size"] = bodyBytes
        if let id = properties.messageID { self["messaging.message.id"] = id }
        if let id = properties.correlationID { self["messaging.message.conversation_id"] = id }
    }
}
