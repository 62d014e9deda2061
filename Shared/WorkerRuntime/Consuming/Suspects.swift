import Synchronization

/// Suspects that wait for their trial.
///
/// A process that ends gives back all it held, by an operator's kill too, and who ended it cannot be
/// told. So a trial is announced: the suspect goes through the delay queue once more, marked, and is
/// handled as soon as it comes back; only what happens then counts. The others wait in the delay
/// queue, not in hand.
final class Suspects: Sendable {
    struct Suspect: Sendable {
        /// Ends of a process that it is held responsible for.
        let crashes: Int
        /// Lets it go, to come back for its trial or to wait on.
        let putOff: @Sendable (_ toTrial: Bool) async -> Void
    }

    /// For those that come back together to be there.
    static let gatheringTime: Duration = .milliseconds(50)
    /// Where the consumer is never idle, trials are held this often all the same.
    static let longestWait: Duration = .seconds(5)

    private struct State {
        var waiting: [Suspect] = []
        var batchesInHand = 0
    }

    private let state = Mutex(State())
    private let news = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    func add(_ suspect: Suspect) {
        state.withLock { $0.waiting.append(suspect) }
        news.continuation.yield()
    }

    /// Around the handling of a batch.
    func whileBusy(_ body: () async -> Void) async {
        state.withLock { $0.batchesInHand += 1 }
        await body()
        state.withLock { $0.batchesInHand -= 1 }
    }

    /// Sends suspects to their trials as the consumer gets idle, until ``finish()``.
    func run() async {
        var lastTrials = ContinuousClock.now
        for await _ in news.stream {
            guard (try? await Task.sleep(for: Self.gatheringTime)) != nil else { return }
            let (isIdle, waiting) = takeWaiting()
            let isTime = isIdle || ContinuousClock.now - lastTrials >= Self.longestWait
            let chosen = isTime ? Self.nextOnTrial(waiting) : 0..<0
            if !chosen.isEmpty { lastTrials = .now }
            await putOff(waiting, toTrial: chosen)
        }
        // Those that are still in hand would come back as if they had ended the process.
        await putOff(takeWaiting().waiting, toTrial: 0..<0)
    }

    /// No more are added.
    func finish() { news.continuation.finish() }

    /// Who is tried next, of those sorted by their crashes. Those with the fewest come first: most of
    /// them are innocent.
    static func nextOnTrial(_ sorted: [Suspect]) -> Range<Int> {
        guard let least = sorted.first?.crashes else { return 0..<0 }
        return 0..<min(sorted.count { $0.crashes == least }, mostTogether(crashes: least))
    }

    /// How many may be tried one after the other. A crash counts against those not yet done too, so
    /// they are the fewer the more they are suspected of, and at last each is alone.
    static func mostTogether(crashes: Int) -> Int {
        switch crashes {
        case ...1: 64
        case 2: 8
        default: 1
        }
    }

    /// In another order each time, those with the fewest crashes first.
    private func takeWaiting() -> (isIdle: Bool, waiting: [Suspect]) {
        state.withLock { state in
            defer { state.waiting = [] }
            let sorted = state.waiting.shuffled().sorted { $0.crashes < $1.crashes }
            return (state.batchesInHand == 0, sorted)
        }
    }

    private func putOff(_ suspects: [Suspect], toTrial chosen: Range<Int>) async {
        await withDiscardingTaskGroup { group in
            for (index, suspect) in suspects.enumerated() {
                group.addTask { await suspect.putOff(chosen.contains(index)) }
            }
        }
    }
}
