import Synchronization

/// Keeps what may end the process apart from what must not be interrupted.
///
/// A copy that is confirmed and whose original is not acked yet is there twice if the process ends
/// then: both go on, and each ends a process again. So while a copy is on its way nothing suspected
/// is handled, and while something suspected is handled no copy sets out. The ack must have
/// reached the broker too: AMQP has no answer to it, but answers in order.
final class Seclusion: Sendable {
    private struct State {
        var copies = 0
        var isAlone = false
        var wantAlone = 0
        /// Settlements were sent since the broker last answered.
        var hasSettled = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    /// Returns once the broker has read everything sent to it on the consuming connection so far.
    private let roundTrip: @Sendable () async -> Void

    init(_ roundTrip: @escaping @Sendable () async -> Void = {}) { self.roundTrip = roundTrip }

    /// Around the publishing of a copy and the ack of its original.
    func copying<Result>(_ body: () async -> Result) async -> Result {
        await enter { state in
            guard !state.isAlone, state.wantAlone == 0 else { return false }
            state.copies += 1
            return true
        }
        let result = await body()
        leave { $0.copies -= 1 }
        return result
    }

    /// Around the handling of a message that may end the process; one at a time.
    func alone<Result>(_ body: () async -> Result) async -> Result {
        state.withLock { $0.wantAlone += 1 }
        await enter { state in
            guard !state.isAlone, state.copies == 0 else { return false }
            state.isAlone = true
            state.wantAlone -= 1
            return true
        }
        let hasSettled = state.withLock { state in
            defer { state.hasSettled = false }
            return state.hasSettled
        }
        if hasSettled { await roundTrip() }
        let result = await body()
        leave { $0.isAlone = false }
        return result
    }

    /// Something was acked or rejected.
    func noteSettlement() { state.withLock { $0.hasSettled = true } }

    private func enter(_ attempt: (inout State) -> Bool) async {
        var isIn = false
        while !isIn {
            await withCheckedContinuation { continuation in
                // To be refused and to wait are one step, so that no change is missed.
                state.withLock { state in
                    isIn = attempt(&state)
                    if isIn { continuation.resume() } else { state.waiting.append(continuation) }
                }
            }
        }
    }

    private func leave(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
