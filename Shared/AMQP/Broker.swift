public import Logging
public import Metrics
public import ServiceLifecycle

/// A RabbitMQ broker: one connection publishes, another consumes, acks and declares, so that a
/// broker that blocks publishers stops neither deliveries nor heartbeats.
///
/// It connects, and connects again after every loss, while ``run()`` runs. Everything may be used
/// before that, and waits.
public final class Broker: Service, Sendable {
    private let configuration: BrokerConfiguration
    let publishing: Connection
    let consuming: Connection

    /// Between the watchdog's looks for a stuck call: an eighth late at most, and no wake-ups to speak
    /// of where there is time.
    private var watchInterval: Duration { min(configuration.callTimeout / 8, .seconds(1)) }

    /// Connects nowhere yet. `metrics` takes what is counted: see ``BrokerMetric``.
    public init(
        _ configuration: BrokerConfiguration, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.configuration = configuration
        publishing = Connection(
            configuration, purpose: .publishing, logger: logger, metrics: metrics)
        consuming = Connection(configuration, purpose: .consuming, logger: logger, metrics: metrics)
    }

    /// Serves both connections until a graceful shutdown or cancellation. Call it once.
    ///
    /// A graceful shutdown refuses whatever is new (`closed`), delivers nothing more, and waits,
    /// at most `drainTimeout`, for confirms and for the settlement of what was handed out. A
    /// cancellation waits for nothing: what is not confirmed is `.unconfirmed`.
    /// - Throws: ``AMQPError/Code/connectionFailed`` where no thread or descriptor is left.
    public func run() async throws {
        // Not a child: it must outlive a cancellation, and guard the goodbyes too.
        let watchdog = Task { await watch() }
        defer { watchdog.cancel() }
        try publishing.start()
        do {
            try consuming.start()
        } catch {
            await publishing.close(drain: .zero)
            throw error
        }
        try? await gracefulShutdown()
        let drain = Task.isCancelled ? .zero : configuration.drainTimeout
        async let published: Void = publishing.close(drain: drain)
        async let consumed: Void = consuming.close(drain: drain)
        _ = await (published, consumed)
    }

    /// Publishes; usable at once, waits (bounded) while there is no connection.
    public var publisher: Publisher { Publisher(link: publishing) }

    /// Whether publishing would go through now: connected and not blocked.
    public var isPublishing: Bool { publishing.isPublishing }

    /// Whether the consuming connection stands.
    public var isConnected: Bool { consuming.isConnected }

    /// A subscription to a queue, made when there is a connection, and again after each loss.
    /// - Parameters:
    ///   - queue: its name.
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
            try? await Task.sleep(for: watchInterval)
        }
    }
}
