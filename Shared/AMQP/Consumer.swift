/// Deliveries of one queue as batches: whatever has arrived, up to `maxBatch`, without lingering.
///
/// At most `prefetch` messages are delivered and not settled (`basic.qos`); that is the back
/// pressure, and the bound of its memory. After a reconnect, a cancelled consumer or a queue that
/// was missing it subscribes again by itself; what was held then is delivered again, and settling
/// it under the old subscription does nothing. Several tasks may iterate at once; each message goes
/// to one of them.
///
/// Delivery is at least once: handle a message, then ack it. Order is the queue's, except for what
/// is delivered again.
public final class Consumer: AsyncSequence, Sendable {
    /// A batch.
    public typealias Element = DeliveryBatch

    let state: ConsumerState
    private let link: Connection

    init(state: ConsumerState, link: Connection) {
        self.state = state
        self.link = link
    }

    deinit { link.post(.unsubscribe(state, nil)) }

    /// Whether the broker delivers to it now, for readiness.
    public var isConsuming: Bool { state.isLive }

    /// Ends the subscription: what is delivered and not settled returns to the queue, settlements
    /// made before this call are sent first, and iteration ends. Idempotent.
    public func cancel() async {
        await withCheckedContinuation { continuation in
            if !link.post(.unsubscribe(state, continuation)) { continuation.resume() }
        }
    }

    /// Ends the deliveries (`basic.cancel`): what has arrived can be iterated, then iteration ends;
    /// what is held can be settled until ``cancel()``. Once all is settled the channel is closed.
    package func stopDeliveries() { link.post(.stopDeliveries(state)) }

    /// One more reader of the batches.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(consumer: self) }

    /// Yields batches until the task or the consumer is cancelled, or the broker shut down.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let consumer: Consumer

        /// The next batch, or nil at the end. It waits while there is no connection.
        public func next() async -> DeliveryBatch? { await consumer.state.next() }

        /// The same: it does its work on its own locks, whatever the caller's isolation.
        public func next(isolation actor: isolated (any Actor)?) async -> DeliveryBatch? {
            await consumer.state.next()
        }
    }
}

/// Deliveries that arrived together, in the order of the queue.
public struct DeliveryBatch: Sendable {
    /// 1 to `maxBatch` messages.
    public let deliveries: [Delivery]
    let generation: UInt64
    let state: ConsumerState

    /// Whether the subscription that delivered it still stands: otherwise the broker delivers what is
    /// not settled again, and settling here is dropped.
    public var isCurrent: Bool { state.isCurrent(generation) }

    /// Acks this delivery and every earlier one of the consumer that is not settled yet, also those
    /// of earlier batches. Returns when it is queued: AMQP has no answer to an ack.
    public func ack(upTo delivery: Delivery) async {
        state.settle(.ackUpTo(delivery.tag), generation: generation)
    }

    /// Acks these. Where everything earlier is settled, one frame says it.
    public func ack(_ deliveries: [Delivery]) async {
        state.settle(.ack(deliveries.map(\.tag)), generation: generation)
    }

    /// Returns it to the queue (`requeue`), or gives it to the queue's dead-letter exchange.
    public func reject(_ delivery: Delivery, requeue: Bool) async {
        state.settle(.reject(delivery.tag, requeue: requeue), generation: generation)
    }
}
