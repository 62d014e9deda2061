import Synchronization

/// Wakes a sweeper before its interval is over. Calls while it sweeps or before it waits are kept,
/// and merged into one.
public final class SweeperWake: Sendable {
    private enum State {
        case idle
        case woken
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.idle)

    /// A wake for one sweeper.
    public init() {}

    /// Has the sweeper sweep at once.
    public func wake() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock {
            if case .waiting(let continuation) = $0 {
                $0 = .idle
                return continuation
            }
            $0 = .woken
            return nil
        }
        waiter?.resume()
    }

    /// Returns when woken, when the time is over, or when the task is cancelled.
    package func wait(atMost time: Duration) async {
        await withTaskGroup { group in
            group.addTask { try? await Task.sleep(for: time) }
            group.addTask { await self.woken() }
            await group.next()
            group.cancelAll()
        }
    }

    private func woken() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock {
                    if case .woken = $0 {
                        $0 = .idle
                        return true
                    }
                    if Task.isCancelled { return true }
                    $0 = .waiting(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            cancel()
        }
    }

    /// Ends the wait without leaving a wake behind.
    private func cancel() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock {
            guard case .waiting(let continuation) = $0 else { return nil }
            $0 = .idle
            return continuation
        }
        waiter?.resume()
    }
}
