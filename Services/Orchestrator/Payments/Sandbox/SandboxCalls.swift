import RefundService
import Synchronization

/// Refunds asked of the sandbox at once share a transaction: those that come while one runs are taken
/// by the next. As many transactions as refunds would be what a fake provider costs the database.
final class SandboxCalls: Sendable {
    /// Refunds in one transaction.
    static let batch = 256

    private struct State {
        var isTaken = false
        var waiting: [(refund: ProviderRefund, caller: CheckedContinuation<Turn, Never>)] = []
    }

    /// What a caller is told.
    private enum Turn {
        case answered(ProviderAnswer)
        /// Nobody runs a transaction: it is this caller's turn.
        case lead
    }

    private let state = Mutex(State())

    /// The answer to one refund.
    ///
    /// - Parameter make: runs one transaction for some; one answer each.
    func answer(
        _ refund: ProviderRefund, _ make: ([ProviderRefund]) async -> [ProviderAnswer]
    ) async -> ProviderAnswer {
        let turn = await withCheckedContinuation { caller in
            let leads = state.withLock { state in
                defer { state.isTaken = true }
                if state.isTaken { state.waiting.append((refund, caller)) }
                return !state.isTaken
            }
            if leads { caller.resume(returning: .lead) }
        }
        if case .answered(let answer) = turn { return answer }
        // Those that were begun together are about to come.
        await Task.yield()
        let others = state.withLock { state in
            let others = Array(state.waiting.prefix(Self.batch - 1))
            state.waiting.removeFirst(others.count)
            return others
        }
        let answers = await make([refund] + others.map(\.refund))
        for (other, answer) in zip(others, answers.dropFirst()) {
            other.caller.resume(returning: .answered(answer))
        }
        handOver()
        return answers[0]
    }

    private func handOver() {
        let next = state.withLock { state in
            state.isTaken = !state.waiting.isEmpty
            return state.isTaken ? state.waiting.removeFirst().caller : nil
        }
        next?.resume(returning: .lead)
    }
}
