/// One topology request on a channel of its own: an error closes that channel only. Pure.
struct CallMachine {
    enum Action: Hashable {
        case sendRequest
        case closeChannel
        case confirmClose
        /// The broker's `channel.close` met ours: it wants an answer, and will still give its own.
        case answerClose
        case freeChannel
        case finish(Result<TopologyReply, AMQPError>)
    }

    private enum State {
        case opening, requested, closing
    }

    let request: TopologyRequest
    let deadline: Nanoseconds
    private var state = State.opening

    init(_ request: TopologyRequest, deadline: Nanoseconds) {
        self.request = request
        self.deadline = deadline
    }

    mutating func received(_ method: InboundMethod) throws(AMQPError) -> [Action] {
        switch (state, method) {
        case (.opening, .channelOpenOK):
            state = .requested
            return [.sendRequest]
        case (.requested, .queueDeclareOK(let queue, let messages, let consumers)):
            return finished(
                TopologyReply(queue: queue, messages: Int(messages), consumers: Int(consumers)))
        case (.requested, .counted(let messages)):
            return finished(TopologyReply(messages: Int(messages)))
        case (.requested, .done):
            return finished(TopologyReply())
        case (.closing, .channelCloseOK):
            return [.freeChannel]
        case (.closing, .channelClose):
            return [.answerClose]
        case (.closing, _):
            // A late answer: nobody waits for it.
            return []
        case (_, .channelClose(let reason)):
            return [.finish(.failure(request.refused(reason))), .confirmClose]
        default:
            throw AMQPError(.protocolViolation, "the broker sent \(method) to \(request.subject)")
        }
    }

    /// Nobody waits any longer; the broker may still do what it was asked.
    mutating func abandoned(_ error: AMQPError) -> [Action] {
        let ended = state == .closing
        state = .closing
        return ended ? [] : [.finish(.failure(error)), .closeChannel]
    }

    private mutating func finished(_ reply: TopologyReply) -> [Action] {
        state = .closing
        return [.finish(.success(reply)), .closeChannel]
    }
}

/// What the broker said to a topology request; zero and empty where it says nothing.
struct TopologyReply: Hashable, Sendable {
    var queue = ""
    var messages = 0
    var consumers = 0
}

/// The exchange and queue methods of AMQP 0-9-1 that this library sends.
enum TopologyRequest: Hashable, Sendable {
    case declareExchange(ExchangeDeclaration, passive: Bool)
    case deleteExchange(String)
    case bindExchange(destination: String, Binding, FieldTable)
    case declareQueue(QueueDeclaration, passive: Bool)
    case bindQueue(String, Binding, FieldTable)
    case unbindQueue(String, Binding, FieldTable)
    case deleteQueue(String)
    case purgeQueue(String)

    var cancelled: AMQPError {
        AMQPError(.cancelled, "\(subject): cancelled before the broker answered")
    }

    /// What an error is about.
    var subject: String {
        switch self {
        case .declareExchange(let exchange, false): "declaring exchange '\(exchange.name)'"
        case .declareExchange(let exchange, true): "checking exchange '\(exchange.name)'"
        case .deleteExchange(let name): "deleting exchange '\(name)'"
        case .bindExchange(let name, let from, _):
            "binding exchange '\(name)' to '\(from.exchange)' by '\(from.routingKey)'"
        case .declareQueue(let queue, false): "declaring queue '\(queue.name)'"
        case .declareQueue(let queue, true): "checking queue '\(queue.name)'"
        case .bindQueue(let name, let from, _):
            "binding queue '\(name)' to '\(from.exchange)' by '\(from.routingKey)'"
        case .unbindQueue(let name, let from, _):
            "unbinding queue '\(name)' from '\(from.exchange)' by '\(from.routingKey)'"
        case .deleteQueue(let name): "deleting queue '\(name)'"
        case .purgeQueue(let name): "purging queue '\(name)'"
        }
    }
}
