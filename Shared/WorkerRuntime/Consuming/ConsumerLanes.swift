import AMQP
import ServiceLifecycle
import Synchronization

/// How a queue is read: first on probation, then in a narrow window, then in full.
///
/// A process that dies gives all it held back to the queue with one more return each, and the broker
/// dead-letters what was returned too often. On probation it holds one message: what came back is
/// done one by one, and another death counts against nobody else. How the window goes on growing
/// says ``Window``.
final class ConsumerLanes: Sendable {
    /// A queue that delivers nothing for so long has nothing left of an earlier life.
    private static let quietTime: Duration = .milliseconds(500)
    /// For a subscription to stand before the one ahead of it is no longer asked.
    private static let longestOpening: Duration = .seconds(1)

    /// The windows after probation, one after the other.
    let windows: [Window]
    private let queue: String
    private let concurrency: Int
    private let broker: Broker
    private let probation: Consumer
    /// Those opened after probation; an earlier one may still have messages to settle.
    private let opened = Mutex<[Consumer]>([])
    private let isProbationOver = Mutex(false)
    private let pace = Mutex(Pace())

    init(_ configuration: QueueConsumer.Configuration, _ broker: Broker) {
        let full = Window(prefetch: configuration.prefetch, maxBatch: configuration.maxBatch)
        windows = full.steps
        queue = configuration.queue
        concurrency = configuration.concurrency
        self.broker = broker
        probation = broker.consumer(queue: configuration.queue, prefetch: 1, maxBatch: 1)
    }

    private var current: Consumer { opened.withLock { $0.last } ?? probation }

    /// Whether the broker delivers now.
    var isConsuming: Bool { current.isConsuming }

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

    /// Has the deliveries one by one ended; what was delivered is still to be taken.
    func endProbation() {
        isProbationOver.withLock { $0 = true }
        probation.stopDeliveries()
    }

    /// A consumer with that window; nil where the service stops.
    func open(_ window: Window) async -> Consumer? {
        guard !Task.isCancelled, !Task.isShuttingDownGracefully else { return nil }
        let earlier = current
        let consumer = broker.consumer(
            queue: queue, prefetch: window.prefetch, maxBatch: window.maxBatch)
        let end = ContinuousClock.now + Self.longestOpening
        while !consumer.isConsuming, earlier.isConsuming, ContinuousClock.now < end {
            guard (try? await Task.sleep(for: .milliseconds(1))) != nil else { break }
        }
        opened.withLock { $0.append(consumer) }
        return consumer
    }

    /// Takes note of what a batch took: a handler that does a full window's work in a moment gets it.
    func note(_ batch: DeliveryBatch, took: Duration) {
        let count = batch.deliveries.count
        let next = pace.withLock { $0.note(messages: count, took: took) }
        // Smaller batches tell less of how quick it is.
        guard let next, let narrow = windows.first, let full = windows.last,
            count >= narrow.maxBatch / 2,
            next * Int(full.prefetch) <= Pace.longestInHand * concurrency
        else { return }
        opened.withLock { $0.count < windows.count ? $0.first : nil }?.stopDeliveries()
    }

    /// Ends all: what is held goes back to the queue.
    func cancel() async {
        for consumer in opened.withLock({ $0 }) { await consumer.cancel() }
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
