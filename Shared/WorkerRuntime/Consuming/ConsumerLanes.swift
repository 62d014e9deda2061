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

    /// Consumers that still hold something for a copy which nobody takes, at most; what one more
    /// holds goes back to the queue.
    private static let mostOpen = 16

    /// The windows after probation, one after the other.
    private let windows: [Window]
    /// Suspects that may wait in hand: half of the narrowest window.
    var mostSuspects: Int { Int(windows[0].prefetch) / 2 }
    private let queue: String
    private let concurrency: Int
    private let broker: Broker
    private let probation: Consumer
    private let opened = Mutex(Opened())
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

    /// What follows probation.
    private struct Opened {
        /// The last one is read; an earlier one may still have messages to settle.
        var consumers: [Consumer] = []
        /// The index of its window.
        var window = 0
        /// Its deliveries were ended, for another one to be opened.
        var isStopped = true
        var isOpening = false

        mutating func stop() {
            isStopped = true
            consumers.last?.stopDeliveries()
        }
    }

    /// Messages that a batch of the window has at most.
    var maxBatch: Int { opened.withLock { windows[$0.window].maxBatch } }

    private var current: Consumer { opened.withLock { $0.consumers.last } ?? probation }

    /// Whether the broker delivers now, or will in a moment.
    var isConsuming: Bool { opened.withLock { $0.isOpening } || current.isConsuming }

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

    /// The next consumer, where the deliveries of the one before were ended; nil where the service
    /// stops or the broker was closed.
    func open() async -> Consumer? {
        let window = opened.withLock { opened -> Window? in
            guard opened.isStopped, !Task.isCancelled, !Task.isShuttingDownGracefully else {
                return nil
            }
            (opened.isStopped, opened.isOpening) = (false, true)
            return windows[opened.window]
        }
        guard let window else { return nil }
        let earlier = current
        let consumer = broker.consumer(
            queue: queue, prefetch: window.prefetch, maxBatch: window.maxBatch)
        let end = ContinuousClock.now + Self.longestOpening
        while !consumer.isConsuming, earlier.isConsuming, ContinuousClock.now < end {
            guard (try? await Task.sleep(for: .milliseconds(1))) != nil else { break }
        }
        opened.withLock { opened in
            // One whose deliveries are all settled has ended.
            opened.consumers = opened.consumers.filter(\.isConsuming).suffix(Self.mostOpen - 1)
            opened.consumers.append(consumer)
            opened.isOpening = false
        }
        return consumer
    }

    /// Has the deliveries ended; what was delivered is still to be taken.
    func stopDeliveries() {
        guard isProbationOver.withLock({ $0 }) else { return endProbation() }
        opened.withLock { $0.stop() }
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
        opened.withLock { opened in
            guard !opened.consumers.isEmpty, opened.window < windows.count - 1 else { return }
            opened.window = windows.count - 1
            opened.stop()
        }
    }

    /// Ends all: what is held goes back to the queue.
    func cancel() async {
        for consumer in opened.withLock({ $0.consumers }) { await consumer.cancel() }
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
