internal import Synchronization

/// The side of a consumer that the owner thread fills and the consumer's tasks empty. Bounded by
/// the prefetch: the broker sends no more than that unsettled.
final class ConsumerState: Sendable {
    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<DeliveryBatch?, Never>
    }

    private struct State {
        var deliveries: DeliveryShelf
        var generation: UInt64 = 0
        var isLive = false
        var isFinished = false
        var waiters: [Waiter] = []
        var lastWaiter: UInt64 = 0
        var cancelledEarly: Set<UInt64> = []
    }

    let source: ConsumerSource
    let prefetch: UInt16
    let maxBatch: Int
    private let link: Connection
    private let state: Mutex<State>

    init(source: ConsumerSource, prefetch: UInt16, maxBatch: Int, link: Connection) {
        self.source = source
        self.prefetch = prefetch
        self.maxBatch = max(maxBatch, 1)
        self.link = link
        state = Mutex(State(deliveries: DeliveryShelf(maxBatch: maxBatch)))
    }

    var isLive: Bool { state.withLock { $0.isLive } }

    func isCurrent(_ generation: UInt64) -> Bool {
        state.withLock { $0.isLive && $0.generation == generation }
    }

    // MARK: - The owner's side

    func becameLive(generation: UInt64) {
        state.withLock { state in
            state.generation = generation
            state.isLive = true
        }
    }

    /// What was not taken yet is dropped: the broker delivers it again.
    func becameLost() {
        state.withLock { state in
            state.isLive = false
            state.deliveries.removeAll()
        }
    }

    func deliver(_ deliveries: [Delivery]) {
        resume { $0.deliveries.put(deliveries) }
    }

    /// No more batches; whoever waits gets nil. What was handed out can still be settled.
    /// - Returns: how many deliveries nobody had taken.
    func stop() -> Int {
        var count = 0
        resume { state in
            count = state.deliveries.count
            state.isFinished = true
            state.deliveries.removeAll()
        }
        return count
    }

    /// No more deliveries come: those on the shelf are still handed out, then the readers get nil.
    func close() { resume { $0.isFinished = true } }

    /// No more batches; whoever waits gets nil.
    func finish() {
        resume { state in
            state.isFinished = true
            state.isLive = false
            state.deliveries.removeAll()
        }
    }

    // MARK: - The consumer's side

    func next() async -> DeliveryBatch? {
        // A queue that is never empty must not keep a cancelled task going.
        guard !Task.isCancelled else { return nil }
        let (batch, id) = state.withLock { state -> (DeliveryBatch??, UInt64) in
            if let batch = take(&state) { return (.some(batch), 0) }
            if state.isFinished { return (.some(nil), 0) }
            state.lastWaiter += 1
            return (nil, state.lastWaiter)
        }
        if let batch { return batch }
        // A cancellation that came after the answer left its mark.
        defer { if Task.isCancelled { state.withLock { _ = $0.cancelledEarly.remove(id) } } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                resume { state in
                    if state.cancelledEarly.remove(id) != nil {
                        continuation.resume(returning: nil)
                    } else {
                        state.waiters.append(Waiter(id: id, continuation: continuation))
                    }
                }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                    state.cancelledEarly.insert(id)
                    return nil
                }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    func settle(_ settlement: Settlement, generation: UInt64) {
        link.post(.settle(self, generation: generation, settlement))
    }

    /// Changes the state, then hands out what can be handed out, outside of the lock.
    private func resume(_ change: (inout sending State) -> Void) {
        let ready = state.withLock { state -> [(Waiter, DeliveryBatch?)] in
            change(&state)
            var ready: [(Waiter, DeliveryBatch?)] = []
            while !state.waiters.isEmpty {
                let batch = take(&state)
                guard batch != nil || state.isFinished else { break }
                ready.append((state.waiters.removeFirst(), batch))
            }
            return ready
        }
        for (waiter, batch) in ready { waiter.continuation.resume(returning: batch) }
    }

    private func take(_ state: inout State) -> DeliveryBatch? {
        guard let taken = state.deliveries.take() else { return nil }
        return DeliveryBatch(deliveries: taken, generation: state.generation, state: self)
    }
}
