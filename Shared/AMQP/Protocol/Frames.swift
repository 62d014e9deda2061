/// A frame as the state machines see it: owned values, no pointer into librabbitmq.
enum InboundFrame: Sendable {
    case method(InboundMethod)
    case header(ContentHeader)
    case body([UInt8])
}

/// The content header of a delivery or a return.
struct ContentHeader: Sendable {
    var properties: MessageProperties
    /// False where the headers were nested too deep to convert.
    var isComplete: Bool
    var bodySize: UInt64
    /// The header table as it came, where it is not complete.
    var rawHeaders: [UInt8]?
}

/// The methods a client receives after the login.
enum InboundMethod: Sendable, Hashable {
    case connectionClose(CloseReason)
    case blocked(reason: String)
    case unblocked
    case channelOpenOK
    case channelClose(CloseReason)
    case channelCloseOK
    case confirmSelectOK
    case ack(tag: UInt64, multiple: Bool)
    case nack(tag: UInt64, multiple: Bool)
    case returned(Return)
    case qosOK
    case consumeOK
    case cancel(consumerTag: String)
    case cancelOK
    case deliver(Deliver)
    case queueDeclareOK(queue: String, messages: UInt32, consumers: UInt32)
    /// `queue.delete-ok` and `queue.purge-ok`.
    case counted(messages: UInt32)
    /// The answers without content: exchange, bind and unbind.
    case done
    /// A method this client never asks for; its name is in the error.
    case unexpected(String)

    struct Return: Sendable, Hashable {
        var code: UInt16
        var text: String
        var exchange: String
        var routingKey: String
    }

    struct Deliver: Sendable, Hashable {
        var tag: UInt64
        var redelivered: Bool
        var exchange: String
        var routingKey: String
    }
}
