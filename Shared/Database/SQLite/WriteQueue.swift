import Synchronization

/// A write that waits for its turn.
struct PendingWrite: Sendable {
    /// Runs the body in its savepoint.
    let attempt: @Sendable (SQLiteConnection) -> Attempt
    /// Tells the caller that there was no attempt.
    let abandon: @Sendable (DatabaseError) -> Void

    enum Attempt {
        /// The body ended well; the caller hears so, or else why the commit failed.
        case kept(_ tell: @Sendable (DatabaseError?) -> Void)
        /// The body threw: its savepoint is undone, the caller hears the body's error.
        case failed(_ tell: @Sendable () -> Void)
    }
}

/// The writes of all callers, in order of arrival, so that whatever gathers during one commit shares
/// the next.
final class WriteQueue: Sendable {
    private struct State {
        var waiting: [PendingWrite] = []
        var isDraining = false
        var isClosed = false
        var whenDrained: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Adds a write; returns whether the caller has to start the draining. Throws once closed.
    func add(_ write: PendingWrite) throws(DatabaseError) -> Bool {
        let starts: Bool? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.waiting.append(write)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        guard let starts else { throw DatabaseError.isClosed }
        return starts
    }

    /// The next writes to share a commit, at most `limit`; empty ends the draining.
    func next(atMost limit: Int) -> [PendingWrite] {
        let (writes, drained) = state.withLock {
            state -> ([PendingWrite], [CheckedContinuation<Void, Never>]) in
            if state.waiting.count <= limit {
                let writes = state.waiting
                state.waiting = []
                guard writes.isEmpty else { return (writes, []) }
                state.isDraining = false
                defer { state.whenDrained = [] }
                return (writes, state.whenDrained)
            }
            let writes = Array(state.waiting.prefix(limit))
            state.waiting.removeFirst(limit)
            return (writes, [])
        }
        for continuation in drained { continuation.resume() }
        return writes
    }

    /// Refuses further writes and waits for those that are in.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if state.isDraining { state.whenDrained.append(continuation) }
                return !state.isDraining
            }
            if isIdle { continuation.resume() }
        }
    }
}

extension DatabaseError {
    static let isClosed = DatabaseError(.closed, "The database is closed.")
}
