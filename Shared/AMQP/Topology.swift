/// Exchanges, queues and bindings, over the consuming connection. Each call uses a channel of its
/// own, so that a refusal breaks nothing else.
///
/// Every function throws ``AMQPError``: `accessRefused`, `notFound`, `resourceLocked`,
/// `preconditionFailed` with the broker's sentence (it names the thing and the argument that
/// differs), `notConnected` and `timedOut` after `callTimeout`, and
/// `cancelled` as soon as the task is: the broker may still do what it was asked.
public struct Topology: Sendable {
    let link: Connection

    /// `exchange.declare`; nothing happens where an equal one exists.
    public func declare(_ exchange: ExchangeDeclaration) async throws(AMQPError) {
        _ = try await link.call(.declareExchange(exchange, passive: false))
    }

    /// `queue.declare`; nothing happens where an equal one exists.
    /// - Returns: its name (the broker's choice where the declaration has none) and counts.
    @discardableResult
    public func declare(_ queue: QueueDeclaration) async throws(AMQPError) -> QueueStatus {
        QueueStatus(try await link.call(.declareQueue(queue, passive: false)))
    }

    /// Whether the exchange is there; `notFound` where not. Its properties are not compared.
    public func checkExchange(_ name: String) async throws(AMQPError) {
        let exchange = ExchangeDeclaration(name: name, type: "topic")
        _ = try await link.call(.declareExchange(exchange, passive: true))
    }

    /// Whether the queue is there, and how full: messages ready (not those being handled) and
    /// consumers. `notFound` where it is not.
    public func checkQueue(_ name: String) async throws(AMQPError) -> QueueStatus {
        QueueStatus(try await link.call(.declareQueue(QueueDeclaration(name: name), passive: true)))
    }

    /// `queue.bind`; idempotent.
    public func bind(queue: String, to binding: Binding, arguments: FieldTable = FieldTable())
        async throws(AMQPError)
    {
        _ = try await link.call(.bindQueue(queue, binding, arguments))
    }

    /// `queue.unbind`; idempotent.
    public func unbind(queue: String, from binding: Binding, arguments: FieldTable = FieldTable())
        async throws(AMQPError)
    {
        _ = try await link.call(.unbindQueue(queue, binding, arguments))
    }

    /// `exchange.bind`, RabbitMQ's extension; idempotent.
    public func bind(exchange: String, to binding: Binding, arguments: FieldTable = FieldTable())
        async throws(AMQPError)
    {
        _ = try await link.call(.bindExchange(destination: exchange, binding, arguments))
    }

    /// `exchange.delete`; idempotent.
    public func deleteExchange(_ name: String) async throws(AMQPError) {
        _ = try await link.call(.deleteExchange(name))
    }

    /// `queue.delete`, whatever is in it; idempotent.
    /// - Returns: how many messages went with it.
    @discardableResult
    public func deleteQueue(_ name: String) async throws(AMQPError) -> Int {
        try await link.call(.deleteQueue(name)).messages
    }

    /// `queue.purge`: removes what is ready, not what is being handled.
    /// - Returns: how many were removed.
    @discardableResult
    public func purgeQueue(_ name: String) async throws(AMQPError) -> Int {
        try await link.call(.purgeQueue(name)).messages
    }
}

/// What `exchange.declare` takes.
public struct ExchangeDeclaration: Sendable, Hashable {
    /// Name; `amq.` is reserved.
    public var name: String
    /// `topic`, `direct`, `fanout` or `headers`.
    public var type: String
    /// Whether it survives a restart of the broker.
    public var isDurable: Bool
    /// Whether it goes with its last binding.
    public var isAutoDeleted: Bool
    /// Whether only other exchanges may publish to it.
    public var isInternal: Bool
    /// RabbitMQ's arguments (`alternate-exchange`).
    public var arguments: FieldTable

    /// A durable exchange unless said otherwise.
    public init(
        name: String, type: String, isDurable: Bool = true, isAutoDeleted: Bool = false,
        isInternal: Bool = false, arguments: FieldTable = FieldTable()
    ) {
        self.name = name
        self.type = type
        self.isDurable = isDurable
        self.isAutoDeleted = isAutoDeleted
        self.isInternal = isInternal
        self.arguments = arguments
    }
}

/// What `queue.declare` takes.
public struct QueueDeclaration: Sendable, Hashable {
    /// Name; empty: the broker chooses one.
    public var name: String
    /// Whether it survives a restart of the broker.
    public var isDurable: Bool
    /// Whether only this connection may use it, and it goes with the connection.
    public var isExclusive: Bool
    /// Whether it goes with its last consumer.
    public var isAutoDeleted: Bool
    /// RabbitMQ's arguments (`x-queue-type` and the like).
    public var arguments: FieldTable

    /// A durable queue unless said otherwise.
    public init(
        name: String, isDurable: Bool = true, isExclusive: Bool = false,
        isAutoDeleted: Bool = false, arguments: FieldTable = FieldTable()
    ) {
        self.name = name
        self.isDurable = isDurable
        self.isExclusive = isExclusive
        self.isAutoDeleted = isAutoDeleted
        self.arguments = arguments
    }
}

/// What the broker says of a queue.
public struct QueueStatus: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Messages ready to be delivered.
    public let messages: Int
    /// Consumers subscribed.
    public let consumers: Int

    init(_ reply: TopologyReply) {
        name = reply.queue
        messages = reply.messages
        consumers = reply.consumers
    }
}
