/// What went wrong between this process and the broker, in a sentence that names the thing.
public struct AMQPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The closed list of causes; ``message`` has the particulars.
    public enum Code: Sendable, Hashable, CaseIterable {
        /// The URI or a setting is wrong: nothing was tried.
        case invalidConfiguration
        /// A message cannot be written as AMQP (a short string over 255 bytes, headers nested
        /// deeper or larger than a frame): nothing of its batch was sent.
        case invalidMessage
        /// No broker answered there.
        case connectionFailed
        /// The TLS handshake failed, or the certificate was refused.
        case tlsFailed
        /// The broker refused the user, its password or its virtual host.
        case authenticationFailed
        /// There was no usable connection within the time allowed, and nothing was sent.
        case notConnected
        /// The connection fell before the answer.
        case connectionLost
        /// The broker closed the channel with another reply code than those below.
        case channelClosed
        /// 403: the user may not do this.
        case accessRefused
        /// 404: the exchange or queue is not there.
        case notFound
        /// 405: the queue belongs exclusively to another connection.
        case resourceLocked
        /// 406: it exists with other properties; the message names it and the argument.
        case preconditionFailed
        /// The peer sent what AMQP 0-9-1 does not allow here.
        case protocolViolation
        /// The broker did not answer within the time allowed.
        case timedOut
        /// The broker object is shut down.
        case closed
        /// The calling task was cancelled: no message of it was sent; a topology request may have
        /// been carried out all the same.
        case cancelled
    }

    /// The cause.
    public let code: Code
    /// What happened to what, and what to do where that is known.
    public let message: String
    /// The broker's AMQP reply code, where it gave one.
    public let replyCode: UInt16?
    /// The AMQP method that the broker refused ("queue.declare"), where it named one.
    public let method: String?

    /// The queue or exchange that the broker's refusal is about, where it named one.
    public let entity: AMQPEntity?
    /// What differs from what exists (``Code/preconditionFailed``): an argument of the declaration
    /// (`x-max-length`) or a property (`durable`, `type`).
    public let argument: String?

    package init(
        _ code: Code, _ message: String, replyCode: UInt16? = nil, method: String? = nil,
        entity: AMQPEntity? = nil, argument: String? = nil
    ) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
        self.method = method
        self.entity = entity
        self.argument = argument
    }

    /// The message.
    public var description: String { message }
}

/// What is declared at a broker.
public enum AMQPEntity: Sendable, Hashable {
    /// The queue of that name.
    case queue(String)
    /// The exchange of that name.
    case exchange(String)
}

/// The reason in a `channel.close` or `connection.close` (AMQP 0-9-1 §1.4.2.10).
struct CloseReason: Hashable, Sendable {
    var replyCode: UInt16
    var text: String
    /// The method that the broker refused; nil where it was not about one.
    var method: String?

    /// As an error about `subject` ("declaring queue 'q'"). The broker's text names the thing.
    func error(_ subject: String) -> AMQPError {
        let code: AMQPError.Code =
            switch replyCode {
            case 403: .accessRefused
            case 404: .notFound
            case 405: .resourceLocked
            case 406: .preconditionFailed
            default: .channelClosed
            }
        return AMQPError(
            code, "\(subject): the broker answered \(said)", replyCode: replyCode, method: method,
            entity: entity, argument: argument)
    }

    /// The end of the whole connection.
    var connectionError: AMQPError {
        AMQPError(
            .connectionLost, "the broker closed the connection: \(said)", replyCode: replyCode,
            method: method)
    }

    /// The text names the thing, the code and the method say what was refused.
    private var said: String {
        "\(text) (\(replyCode)\(method.map { " to \($0)" } ?? ""))"
    }
}
