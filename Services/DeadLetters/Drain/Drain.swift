import AMQP
import Database
import Logging
import Metrics
import RefundMessages
import RefundService
import ServiceLifecycle

/// Takes the dead-letter queue into the store, batch by batch: a batch is acked once it is committed.
///
/// It consumes by itself instead of handling messages as other services do, since it has nowhere to
/// put away what it cannot read: it keeps everything.
struct Drain: Service {
    /// Messages delivered and not acked: two batches, so that one arrives while one is committed.
    static let prefetch: UInt16 = 1_024
    static let maximumBatch = 512
    /// Between two tries to store a batch.
    static let firstPause: Duration = .milliseconds(100)
    static let longestPause: Duration = .seconds(5)

    private let consumer: Consumer
    private let database: any Database
    private let hasWebhook: Bool
    private let logger: Logger
    private let clock: @Sendable () -> Instant

    init(
        broker: Broker, database: any Database, hasWebhook: Bool, logger: Logger,
        clock: @escaping @Sendable () -> Instant
    ) {
        consumer = broker.consumer(
            queue: Names.queue, prefetch: Self.prefetch, maxBatch: Self.maximumBatch)
        self.database = database
        self.hasWebhook = hasWebhook
        self.logger = logger
        self.clock = clock
    }

    /// Whether the broker delivers to it now.
    var isConsuming: Bool { consumer.isConsuming }

    /// Drains until graceful shutdown.
    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled,
            let batch = await cancelWhenGracefulShutdown({
                await consumer.makeAsyncIterator().next()
            })
        {
            await take(batch)
        }
        await consumer.cancel()
        if !Task.isShuttingDownGracefully { try await gracefulShutdown() }
    }

    private func take(_ batch: DeliveryBatch) async {
        var pause = Self.firstPause
        var failure: String?
        // What is not stored stays with the broker, which delivers it again.
        while batch.isCurrent, !Task.isCancelled {
            do {
                let result = try await store(batch.deliveries)
                await batch.ack(batch.deliveries)
                count(result)
                if failure != nil { logger.info("dead letters are stored again") }
                return
            } catch {
                if failure != "\(error)" {
                    logger.warning(
                        "dead letters cannot be stored: they wait in the queue",
                        metadata: ["error": "\(error)"])
                }
                failure = "\(error)"
            }
            let wait = pause
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: wait) }
            if Task.isShuttingDownGracefully { return }
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func store(_ deliveries: [Delivery]) async throws -> ArrivalStore.Result {
        try await database.change { [hasWebhook, clock] connection in
            try ArrivalStore(connection: connection, now: clock(), hasWebhook: hasWebhook)
                .store(deliveries)
        }
    }

    private func count(_ result: ArrivalStore.Result) {
        for (kind, number) in result.kinds {
            Counter(
                label: "dead_letters_stored_total",
                dimensions: [("queue", kind.queue), ("reason", kind.reason)]
            ).increment(by: number)
        }
        Counter(label: "dead_letters_known_total").increment(by: result.known)
    }
}
