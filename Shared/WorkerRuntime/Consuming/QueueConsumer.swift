public import AMQP
public import Logging
public import ServiceLifecycle
import Telemetry

/// Consumes one queue: takes batches, has them handled, publishes what follows, acks.
///
/// On graceful shutdown it takes nothing new, finishes the batches in flight (or returns them where
/// they cannot be finished), and ends; what was delivered and not taken goes back to the queue when
/// the consumer closes.
///
/// Each life begins on probation, one message at a time (``ConsumerLanes``): what an earlier life of the
/// process left unsettled is at the head of the queue, and one of it may have ended that life.
public struct QueueConsumer: Service {
    /// What a service says of one of its queues.
    public struct Configuration: Sendable {
        /// The queue's name.
        public var queue: String
        /// Handles its messages.
        public var handler: any BatchHandler
        /// Messages delivered and not yet acked.
        public var prefetch: UInt16
        /// Messages handled together, at most.
        public var maxBatch: Int
        /// Batches handled at the same time.
        public var concurrency: Int
        /// Whether several messages may come as one, from a service of ours. The bound of what is in
        /// hand is then `prefetch` times 64 KiB, and items of bundles are handled together as messages
        /// are.
        public var takesBundles: Bool
        /// Time after a batch that was not full in which more arrives before the next is taken, where
        /// what every consumer rests (``Rest``) is shorter: under load fewer transactions, while what
        /// comes to an idle consumer is handled at once. A second at most; only for queues that nobody
        /// waits for.
        public var pause: Duration

        /// A queue with its handler; prefetch is best a few times `maxBatch · concurrency`.
        public init(
            queue: String, handler: any BatchHandler, prefetch: UInt16 = 512, maxBatch: Int = 256,
            concurrency: Int = 1, takesBundles: Bool = false, pause: Duration = .zero
        ) {
            precondition(maxBatch >= 1 && concurrency >= 1 && prefetch >= 1)
            precondition((.zero ... .seconds(1)).contains(pause))
            self.queue = queue
            self.handler = handler
            self.prefetch = prefetch
            self.maxBatch = maxBatch
            self.concurrency = concurrency
            self.takesBundles = takesBundles
            self.pause = pause
        }
    }

    /// The queue's name.
    public let queue: String

    private let lanes: ConsumerLanes
    private let concurrency: Int
    private let pause: Duration
    private let processor: BatchProcessor

    /// A consumer on that broker.
    ///
    /// - Parameters:
    ///   - instance: the process's name, unique; dead letters carry it.
    ///   - publisher: takes what follows from the messages; the broker's own where there is no other.
    public init(
        _ configuration: Configuration, instance: String, broker: Broker,
        publisher: (any MessagePublisher)? = nil, logger: Logger,
        names: RuntimeNames = RuntimeNames()
    ) {
        self.init(
            configuration, instance: instance, broker: broker, publisher: publisher, logger: logger,
            names: names, isolation: Isolation(broker, asking: configuration.queue))
    }

    /// One of several of a process, which share the isolation.
    init(
        _ configuration: Configuration, instance: String, broker: Broker,
        publisher: (any MessagePublisher)?, logger: Logger, names: RuntimeNames = RuntimeNames(),
        isolation: Isolation
    ) {
        queue = configuration.queue
        concurrency = configuration.concurrency
        pause = configuration.pause
        lanes = ConsumerLanes(configuration, broker)
        let isolated = IsolatingHandler(base: configuration.handler, logger: logger)
        let logged = FailureLoggingHandler(base: isolated, logger: logger)
        let failures = FailureMessages(names: names, consumer: instance)
        processor = BatchProcessor(
            queue: configuration.queue,
            handler: MeteringHandler(logged, queue: configuration.queue),
            publisher: publisher ?? broker.publisher, failures: failures, logger: logger,
            bundles: configuration.takesBundles
                ? BundleOpening(queue: configuration.queue, failures: failures) : nil,
            mostTogether: configuration.maxBatch,
            load: QueueLoad(queue: configuration.queue, lanes: configuration.concurrency),
            seclusion: isolation.seclusion, trials: isolation.trials)
    }

    /// Whether the broker delivers to it now.
    public var isConsuming: Bool { lanes.isConsuming }

    /// Consumes until graceful shutdown.
    public func run() async throws {
        let (asides, later) = AsyncStream<@Sendable () async -> Void>.makeStream()
        try await withThrowingTaskGroup { group in
            group.addTask {
                await withDiscardingTaskGroup { held in
                    for await work in asides { held.addTask { await work() } }
                }
            }
            group.addTask {
                defer { later.finish() }
                try await consume { later.yield($0) }
            }
            try await group.next()
            // The broker was closed: nothing that is held can be settled any more.
            if !Task.isShuttingDownGracefully { group.cancelAll() }
            try await group.waitForAll()
        }
        await lanes.cancel()
    }

    private func consume(_ aside: @escaping BatchProcessor.Aside) async throws {
        let suspects = Suspects(mostInHand: lanes.mostSuspects)
        await withTaskGroup { group in
            group.addTask { await suspects.run() }
            await passProbation(suspects, aside)
            await suspects.whileBusy { await processor.trials.hold(of: queue) }
            while let consumer = await lanes.open() {
                await withTaskGroup { readers in
                    for _ in 0..<concurrency {
                        readers.addTask { await read(consumer, suspects, aside) }
                    }
                }
                await suspects.whileBusy { await processor.trials.hold(of: queue) }
            }
            suspects.finish()
        }
    }

    /// Handles one message at a time until the queue's head is as new: then nothing is left of
    /// an earlier life.
    private func passProbation(_ suspects: Suspects, _ aside: @escaping BatchProcessor.Aside) async
    {
        while let batch = await lanes.nextOnProbation() {
            if batch.deliveries.contains(where: { $0.returns == 0 }) { lanes.endProbation() }
            // One that waited here would be all that is delivered. Nor is it announced: all that an
            // earlier life held would be on trial at the same time.
            await process(batch, suspects, aside) { suspect in
                aside { await suspect.putOff(false) }
            }
            if processor.trials.areWaiting(of: queue) { lanes.endProbation() }
        }
    }

    private func read(
        _ consumer: Consumer, _ suspects: Suspects, _ aside: @escaping BatchProcessor.Aside
    ) async {
        while let batch = await consumer.nextWhileRunning() {
            let took = await process(batch, suspects, aside, suspects.add)
            if processor.trials.areWaiting(of: queue) {
                try? await Task.sleep(for: Trials.gathering)
                lanes.stopDeliveries()
            }
            let rest = Rest.after(
                messages: batch.deliveries.count, of: lanes.maxBatch, took: took, pause: pause)
            if rest > .zero { try? await Task.sleep(for: rest) }
        }
    }

    /// - Returns: what it took.
    @discardableResult
    private func process(
        _ batch: DeliveryBatch, _ suspects: Suspects, _ aside: @escaping BatchProcessor.Aside,
        _ suspect: (Suspects.Suspect) -> Void
    ) async -> Duration {
        let time = await ContinuousClock().measure {
            await suspects.whileBusy {
                await processor.process(batch, suspects: suspect, aside: aside)
            }
        }
        lanes.note(batch, took: time)
        return time
    }
}
