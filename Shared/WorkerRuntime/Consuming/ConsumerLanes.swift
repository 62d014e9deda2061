import AMQP
import ServiceLifecycle
import Synchronization

/// How a queue is read: first on probation, then in full.
///
/// A process that dies gives all it held back to the queue with one more return each, and the broker
/// dead-letters what was returned too often. On probation it holds one message: what came back is
/// done one by one, and another death counts against nobody else.
final class ConsumerLanes: Sendable {
    /// A queue that delivers nothing for so long has nothing left of an earlier life.
    private static let quietTime: Duration = .milliseconds(500)
    /// For the full subscription to stand before the first one is no longer asked.
    private static let longestOpening: Duration = .seconds(1)

    private let configuration: QueueConsumer.Configuration
    private let broker: Broker
    private let probation: Consumer
    private let main = Mutex<Consumer?>(nil)
    private let isProbationOver = Mutex(false)

    init(_ configuration: QueueConsumer.Configuration, _ broker: Broker) {
        self.configuration = configuration
        self.broker = broker
        probation = broker.consumer(queue: configuration.queue, prefetch: 1, maxBatch: 1)
    }

    /// Whether the broker delivers now.
    var isConsuming: Bool { (main.withLock { $0 } ?? probation).isConsuming }

    /// The next batch on probation; nil once it is over and all that was delivered is taken, or the
    /// service stops.
    func nextOnProbation() async -> DeliveryBatch? {
        while !isProbationOver.withLock({ $0 }) {
            if let batch = await soon() { return batch }
            if Task.isCancelled || Task.isShuttingDownGracefully { return nil }
            if probation.isConsuming { endProbation() }
        }
        return await probation.nextWhileRunning()
    }

    /// Has the small window's deliveries ended; what was delivered is still to be taken.
    func endProbation() {
        isProbationOver.withLock { $0 = true }
        probation.stopDeliveries()
    }

    /// The consumer with the full window; nil where the service stops.
    func openMain() async -> Consumer? {
        guard !Task.isCancelled, !Task.isShuttingDownGracefully else { return nil }
        let consumer = broker.consumer(
            queue: configuration.queue, prefetch: configuration.prefetch,
            maxBatch: configuration.maxBatch)
        let end = ContinuousClock.now + Self.longestOpening
        while !consumer.isConsuming, probation.isConsuming, ContinuousClock.now < end {
            guard (try? await Task.sleep(for: .milliseconds(1))) != nil else { break }
        }
        main.withLock { $0 = consumer }
        return consumer
    }

    /// Ends both: what is held goes back to the queue.
    func cancel() async {
        await main.withLock { $0 }?.cancel()
        await probation.cancel()
    }

    /// What comes within the quiet time.
    private func soon() async -> DeliveryBatch? {
        await withTaskGroup { [probation] group in
            group.addTask { await probation.nextWhileRunning() }
            group.addTask { () -> DeliveryBatch? in
                try? await Task.sleep(for: Self.quietTime)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            // A batch that came in the last moment is not lost.
            let second = await group.next() ?? nil
            return first ?? second
        }
    }
}

extension Consumer {
    /// The next batch; nil once the service stops.
    func nextWhileRunning() async -> DeliveryBatch? {
        guard !Task.isShuttingDownGracefully, !Task.isCancelled else { return nil }
        return await cancelWhenGracefulShutdown {
            await self.makeAsyncIterator().next()
        }
    }
}
