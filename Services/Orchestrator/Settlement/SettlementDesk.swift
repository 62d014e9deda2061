import Metrics
import RefundMessages
import ServiceLifecycle
import Synchronization
import WorkerRuntime

/// Calls the providers, and has their answers recorded.
///
/// The intent is committed before a provider is called, and no provider is called inside a
/// transaction. Nobody waits for a call: a leg's due time brings it back where the process dies with
/// it. So a provider that stalls holds neither its own messages nor those of others, and what a
/// provider can do at once is bounded by its lane alone.
final class SettlementDesk: Service, Sendable {
    /// Answers recorded in one transaction, and legs begun in one.
    static let batch = 256
    /// Publishings of what follows from answers, beside each other.
    static let publishings = 4
    /// How long the first answer waits for others, so that they share a commit. None waits where no
    /// other is to come.
    static let linger: Duration = .milliseconds(10)
    /// For calls under way, and their answers, when the process stops; within its own `drain.time`.
    /// Those that take longer are repeated under the same key by the next.
    static let drainTime: Duration = .seconds(6)

    struct State {
        var lanes = ProviderLanes()
        /// Not recorded yet: at most as many as calls are begun.
        var replies: [ProviderReply] = []
        /// Calls made, and not answered.
        var unanswered = 0
        /// An answer waits for others already.
        var isLingering = false
        var whenIdle: CheckedContinuation<Void, Never>?
    }

    let book: CaseBook
    let publisher: any MessagePublisher
    private let providers: PaymentProviders
    let limits: SettlementLimits
    let state = Mutex(State())
    private let calls: AsyncStream<ProviderCall>
    let caller: AsyncStream<ProviderCall>.Continuation
    /// Woken when there are answers to record.
    let answered = SweeperWake()
    /// Woken when a leg that waited can go.
    let freed = SweeperWake()

    init(
        book: CaseBook, publisher: any MessagePublisher, providers: PaymentProviders,
        limits: SettlementLimits
    ) {
        self.book = book
        self.publisher = publisher
        self.providers = providers
        self.limits = limits
        (calls, caller) = AsyncStream.makeStream()
    }

    /// Begins what is due of those legs and may be called now, and has the others wait.
    func take(_ wishes: [LegWish]) async throws {
        let limits = limits
        let (wanted, free) = state.withLock { state in
            let lanes = state.lanes
            let wanted = lanes.isClosed ? [] : wishes.filter { !lanes.isBegun($0.legID) }
            return (wanted, lanes.free)
        }
        guard !wanted.isEmpty else { return }
        let (begun, waiting) = try await book.handle(finding: { session in
            var taking = LegTaking(free: free)
            try session.load(cases: wanted.map(\.caseID))
            let now = session.now
            for wish in wanted {
                try session.update(wish.caseID) { value in
                    try taking.take(wish, of: &value, now: now, limits: limits)
                }
            }
            return (CaseBook.Changes(dispositions: []), (taking.calls, taking.waiting))
        }).1
        let started = state.withLock { state in
            for (wish, lane) in waiting { state.lanes.wait(wish, in: lane) }
            return state.lanes.start(begun)
        }
        make(started)
        if !waiting.isEmpty { wakeWaiting() }
    }

    /// Begins legs that waited; one sweep.
    func takeWaiting() async throws {
        while true {
            let wishes = state.withLock { $0.lanes.takeWaiting(atMost: Self.batch) }
            guard !wishes.isEmpty else { return }
            try await take(wishes)
        }
    }

    func wakeWaiting() {
        if state.withLock({ $0.lanes.hasTurn }) { freed.wake() }
    }

    /// No call runs, and every answer is recorded.
    var isIdle: Bool { state.withLock { $0.lanes.isIdle } }

    /// No call is begun any more.
    var isClosed: Bool { state.withLock { $0.lanes.isClosed } }

    /// Makes the calls until graceful shutdown; those under way then are given `drainTime`.
    func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await self.makeCalls() }
                group.addTask {
                    try? await gracefulShutdown()
                    try? await Task.sleep(for: Self.drainTime)
                }
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.state.withLock { $0.lanes.isClosed = true }
            self.caller.finish()
        }
    }

    private func makeCalls() async {
        await withDiscardingTaskGroup { running in
            for await call in calls { running.addTask { await self.make(call) } }
        }
        await untilIdle()
    }

    private func untilIdle() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.lanes.isIdle || Task.isCancelled { return true }
                    state.whenIdle = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.whenIdle = nil }
                return state.whenIdle
            }
            waiter?.resume()
        }
    }

    func make(_ started: [ProviderCall]) {
        state.withLock { $0.unanswered += started.count }
        for call in started { caller.yield(call) }
    }

    static let help = [
        "refund_provider_answers_total":
            "Answers of payment providers, by provider, what was asked, and what they said."
    ]

    private func make(_ call: ProviderCall) async {
        let answer = await providers.answer(to: call)
        Counter(
            label: "refund_provider_answers_total",
            dimensions: [
                ("provider", call.provider.rawValue), ("call", call.kind.rawValue),
                ("answer", answer.name),
            ]
        ).increment()
        let (isLast, isFirst) = state.withLock { state in
            state.replies.append(ProviderReply(call: call, answer: answer))
            state.unanswered -= 1
            let isLast = state.unanswered == 0 || state.replies.count >= Self.batch
            defer { state.isLingering = true }
            return (isLast, !state.isLingering)
        }
        if !isLast {
            guard isFirst else { return }
            try? await Task.sleep(for: Self.linger)
        }
        answered.wake()
    }
}
