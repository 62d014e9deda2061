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

    /// The method, until its header comes.
    private var start: Start?
    /// What has come, until the body is complete.
    private var content: Content?
    /// Bytes of the body to come.
    private var remaining: UInt64 = 0

    mutating func begin(_ start: consuming Start) throws(AMQPError) {
        guard isIdle else { throw Self.violation("a method inside a message") }
        self.start = start
    }

    /// Whether a method that does not start content may come now.
    var isIdle: Bool { start == nil && content == nil }

    mutating func header(_ header: consuming ContentHeader) throws(AMQPError) -> Content? {
        guard content == nil, let start = start.take() else {
            throw Self.violation("a content header without its method")
        }
        guard header.bodySize <= Self.mostBodyBytes else {
            throw Self.violation("a body of \(header.bodySize) bytes")
        }
        remaining = header.bodySize
        let content = Content(start: start, header: header, body: [])
        if remaining == 0 { return content }
        self.content = content
        return nil
    }

    mutating func body(_ bytes: consuming [UInt8]) throws(AMQPError) -> Content? {
        // Taken out and put back: a copy would be made of a body that grows in place.
        guard var content = content.take() else {
            throw Self.violation("a body frame without its header")
        }
        let count = UInt64(bytes.count)
        guard count <= remaining else { throw Self.violation("more body than announced") }
        remaining -= count
        if content.body.isEmpty {
            content.body = bytes
        } else {
            content.body.append(contentsOf: bytes)
        }
        if remaining == 0 { return content }
        self.content = content
        return nil
    }

    private static func violation(_ what: String) -> AMQPError {
        AMQPError(.protocolViolation, "the broker sent \(what)")
    }
}
