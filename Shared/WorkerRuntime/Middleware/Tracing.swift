public import AMQP
public import Telemetry

extension TraceContext {
    /// The header that carries the trace (W3C Trace Context: AMQP).
    static let headerName = "traceparent"

    /// One step further on the message's trace; a new trace where it carries none that is valid.
    static func continuing(_ properties: MessageProperties) -> TraceContext {
        guard case .string(let bytes)? = properties.headers?[headerName],
            let trace = TraceContext(traceparent: bytes)
        else { return .random() }
        return trace.child()
    }
}

extension OutgoingMessage {
    /// A persistent JSON message with the contract's properties, on the trace of what caused it.
    ///
    /// - Parameter mandatory: whether to wait until some queue takes it. Not for what is published
    ///   to whoever subscribes: without subscribers it would hold its batch for ever.
    public static func persistentJSON(
        exchange: String, routingKey: String, mandatory: Bool = true, type: String, body: [UInt8],
        messageID: String, correlationID: String?, appID: String, timestamp: WallTime,
        trace: TraceContext
    ) -> OutgoingMessage {
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = 2
        properties.type = type
        properties.messageID = messageID
        properties.correlationID = correlationID
        properties.appID = appID
        properties.timestamp = UInt64(max(0, timestamp.seconds))
        properties.headers = FieldTable([
            (TraceContext.headerName, .string(trace.traceparentBytes))
        ])
        return OutgoingMessage(
            exchange: exchange, routingKey: routingKey, mandatory: mandatory,
            properties: properties, body: body)
    }
}

/// Ids of messages.
public enum MessageID {
    /// A random UUID (RFC 9562, version 4), in lower case.
    public static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        let versionMask: UInt64 = 0xf000, variantMask: UInt64 = 0xc000_0000_0000_0000
        let high = generator.next() & ~versionMask | 0x4000
        let low = generator.next() & ~variantMask | 0x8000_0000_0000_0000
        var text: [UInt8] = []
        text.reserveCapacity(36)
        let digits = Array("0123456789abcdef".utf8)
        for nibble in 0..<32 {
            if [8, 12, 16, 20].contains(nibble) { text.append(UInt8(ascii: "-")) }
            let word = nibble < 16 ? high : low
            text.append(digits[Int(word >> (60 - 4 * UInt64(nibble % 16)) & 0xf)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
