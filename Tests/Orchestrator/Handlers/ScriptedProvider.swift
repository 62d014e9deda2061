import RefundMessages
import Synchronization

@testable import Orchestrator

/// A provider that does as a script says, and is honest once it is over. It keeps its own truth: what
/// was paid, under which key. A fake: no real provider fails on demand.
final class ScriptedProvider: PaymentProvider {
    struct Step: Sendable {
        /// Whether the refund is made, if the call is one.
        var pays = false
        /// What is answered; nil: the truth.
        var answer: ProviderAnswer?
    }

    private struct Truth {
        var script: [Step]
        var calls: [Leg.Call] = []
        /// By key.
        var paid: [String: RefundObject] = [:]
    }

    private let truth: Mutex<Truth>

    init(_ script: [Step] = []) { truth = Mutex(Truth(script: script)) }

    var calls: [Leg.Call] { truth.withLock { $0.calls } }

    var paid: [String: RefundObject] { truth.withLock { $0.paid } }

    /// What the next calls do.
    func expect(_ steps: [Step]) { truth.withLock { $0.script += steps } }

    func refund(_ refund: ProviderRefund) async -> ProviderAnswer {
        truth.withLock { truth in
            truth.calls.append(.refund)
            let step = truth.script.isEmpty ? Step(pays: true) : truth.script.removeFirst()
            if step.pays, truth.paid[refund.key] == nil {
                truth.paid[refund.key] = RefundObject(
                    reference: "re_\(refund.key)", amount: refund.amount,
                    currency: refund.currency)
            }
            return step.answer ?? truth.paid[refund.key].map { .succeeded($0) } ?? .notFound
        }
    }

    func lookUp(_ refund: ProviderRefund) async -> ProviderAnswer {
        truth.withLock { truth in
            truth.calls.append(.lookUp)
            let step = truth.script.isEmpty ? Step() : truth.script.removeFirst()
            return step.answer ?? truth.paid[refund.key].map { .succeeded($0) } ?? .notFound
        }
    }
}

/// A provider that answers when it is let.
final class GatedProvider: PaymentProvider {
    private struct State {
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isOpen = false
        var atOnce = 0
        var most = 0
    }

    private let state = Mutex(State())
    private let begun = AsyncStream.makeStream(of: Int.self)

    /// The most calls that there were at once.
    var most: Int { state.withLock { $0.most } }

    /// Lets all that wait, and all that come, through.
    func open() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.isOpen = true
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until that many calls are under way.
    func wait(for count: Int) async {
        for await atOnce in begun.stream where atOnce >= count { return }
    }

    func refund(_ refund: ProviderRefund) async -> ProviderAnswer {
        await withCheckedContinuation { continuation in
            let passes = state.withLock { state in
                state.atOnce += 1
                state.most = max(state.most, state.atOnce)
                begun.continuation.yield(state.atOnce)
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if passes { continuation.resume() }
        }
        state.withLock { $0.atOnce -= 1 }
        return .succeeded(
            RefundObject(
                reference: "re_\(refund.key)", amount: refund.amount, currency: refund.currency))
    }

    func lookUp(_ refund: ProviderRefund) async -> ProviderAnswer { .notFound }
}
