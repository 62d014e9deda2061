public import Logging
public import ServiceLifecycle

/// A RabbitMQ broker: one connection publishes, another consumes, acks and declares, so that a
/// broker that blocks publishers stops neither deliveries nor heartbeats.
///
/// It connects, and connects again after every loss, while ``run()`` runs. Everything may be used
/// before that, and waits.
public final class Broker: Service, Sendable {
    private let configuration: BrokerConfiguration
    private let publishing: Connection
    private let consuming: Connection

    /// How often the watchdog looks for a stuck call.
    static let watchInterval: Duration = .milliseconds(250)

    /// Connects nowhere yet.
    public init(_ configuration: BrokerConfiguration, logger: Logger) {
        self.configuration = configuration
        publishing = Connection(configuration, purpose: .publishing, logger: logger)
        consuming = Connection(configuration, purpose: .consuming, logger: logger)
    }

    /// Serves both connections until a graceful shutdown (waits for confirms, sends acks, says
    /// goodbye) or cancellation (ends at once). Call it once.
    public func run() async throws {
        try publishing.start()
        try consuming.start()
        await withTaskGroup { group in
            group.addTask { await self.watch() }
            group.addTask { try? await gracefulShutdown() }
            // Only the shutdown or a cancellation ends the wait: the watchdog runs until then.
            await group.next()
            group.cancelAll()
        }
        let drain = Task.isCancelled ? .zero : configuration.drainTimeout
        await publishing.close(drain: drain)
        await consuming.close(drain: drain)
    }

    /// Publishes; usable at once, waits (bounded) while there is no connection.
    public var publisher: Publisher { Publisher(link: publishing) }

    /// Whether publishing would go through now: connected and not blocked.
    public var isPublishing: Bool { publishing.isPublishing }

    /// Whether the consuming connection stands.
    public var isConnected: Bool { consuming.isConnected }

    /// A subscription to a queue, made when there is a connection, and again after each loss.
    /// - Parameters:
    ///   - prefetch: messages delivered and not settled, at most; 1 to 65,535.
    ///   - maxBatch: messages in one batch, at most.
    public func consumer(queue: String, prefetch: UInt16, maxBatch: Int) -> Consumer {
        subscribe(.queue(queue), prefetch, maxBatch)
    }

    /// A subscription to a queue of its own, named by the broker, exclusive to this connection and
    /// gone with it; after a reconnect another one is made. What is published in between is missed.
    public func consumer(temporaryBoundTo bindings: [Binding], prefetch: UInt16, maxBatch: Int)
        -> Consumer
    {
        subscribe(.temporary(bindings), prefetch, maxBatch)
    }

    /// Exchanges, queues and bindings.
    public func topology() -> Topology { Topology(link: consuming) }

    private func subscribe(_ source: ConsumerSource, _ prefetch: UInt16, _ maxBatch: Int)
        -> Consumer
    {
        // Prefetch 0 would mean no limit.
        let state = ConsumerState(
            source: source, prefetch: max(prefetch, 1), maxBatch: maxBatch, link: consuming)
        if !consuming.post(.subscribe(state)) { state.finish() }
        return Consumer(state: state, link: consuming)
    }

    private func watch() async {
        while !Task.isCancelled {
            publishing.checkStuck()
            consuming.checkStuck()
            try? await Task.sleep(for: Self.watchInterval)
        }
    }
}
