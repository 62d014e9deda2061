/// Puts method, header and body frames of one channel together (AMQP 0-9-1 §4.2.6). Pure.
struct ContentAssembler {
    /// What starts content.
    enum Start: Sendable, Hashable {
        case deliver(InboundMethod.Deliver)
        case returned(InboundMethod.Return)
    }

    /// A complete message.
    struct Content: Sendable {
        var start: Start
        var header: ContentHeader
        var body: [UInt8]
    }

    /// More is claimed by a broken peer only: RabbitMQ's limit (`max_message_size`) is lower.
    static let mostBodyBytes: UInt64 = 512 << 20

    private enum State {
        case idle
        case started(Start)
        case body(Content, remaining: UInt64)
    }

    private var state = State.idle

    mutating func begin(_ start: Start) throws(AMQPError) {
        guard case .idle = state else { throw Self.violation("a method inside a message") }
        state = .started(start)
    }

    /// Whether a method that does not start content may come now.
    var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    mutating func header(_ header: ContentHeader) throws(AMQPError) -> Content? {
        guard case .started(let start) = state else {
            throw Self.violation("a content header without its method")
        }
        guard header.bodySize <= Self.mostBodyBytes else {
            throw Self.violation("a body of \(header.bodySize) bytes")
        }
        let content = Content(start: start, header: header, body: [])
        state = header.bodySize == 0 ? .idle : .body(content, remaining: header.bodySize)
        return header.bodySize == 0 ? content : nil
    }

    mutating func body(_ bytes: consuming [UInt8]) throws(AMQPError) -> Content? {
        guard case .body(var content, let remaining) = state else {
            throw Self.violation("a body frame without its header")
        }
        state = .idle
        let count = UInt64(bytes.count)
        guard count <= remaining else { throw Self.violation("more body than announced") }
        if content.body.isEmpty {
            content.body = bytes
        } else {
            content.body.append(contentsOf: bytes)
        }
        guard count == remaining else {
            state = .body(content, remaining: remaining - count)
            return nil
        }
        return content
    }

    private static func violation(_ what: String) -> AMQPError {
        AMQPError(.protocolViolation, "the broker sent \(what)")
    }
}
