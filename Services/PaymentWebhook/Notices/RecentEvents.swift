import Synchronization

/// The ids of the events whose notices were confirmed last, so that a repetition is not passed on.
///
/// It is a memory, not a promise: after a restart, at another instance, or beyond ``capacity`` events
/// a repetition is passed on again. That is enough, since a notice moves nothing by itself: it makes
/// the orchestrator ask the provider once more.
final class RecentEvents: Sendable {
    /// Ids kept; at most 2 MiB of them.
    static let capacity = 10_000

    private struct State {
        var known: Set<String> = []
        /// In the order they came, as a ring from `oldest` once it is full.
        var order: [String] = []
        var oldest = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int = RecentEvents.capacity) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    func contains(_ id: String) -> Bool { state.withLock { $0.known.contains(id) } }

    /// Remembers an id, and forgets the oldest where there are too many.
    func insert(_ id: String) {
        state.withLock { state in
            guard state.known.insert(id).inserted else { return }
            guard state.order.count == capacity else { return state.order.append(id) }
            state.known.remove(state.order[state.oldest])
            state.order[state.oldest] = id
            state.oldest = (state.oldest + 1) % capacity
        }
    }
}
