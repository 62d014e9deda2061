import Synchronization

/// Suspects that wait for their trial, in hand.
///
/// A process that ends gives back all it held, by an operator's kill too, and who ended it cannot be
/// told. So a trial is announced: the suspect goes through the delay queue, marked, and is handled as
/// soon as it comes back (``Trials``); only what happens then counts. Until then it is neither copied
/// nor counted, however often it changes hands: each copy is one that a kill can make two of.
final class Suspects: Sendable {
    struct Suspect: Sendable {
        /// Ends of a process that it is held responsible for.
        let crashes: Int
        /// Lets it go, to come back for its trial or to wait on.
        let putOff: @Sendable (_ toTrial: Bool) async -> Void
    }

    /// Between one announcement and the next, so that few are tried at the same time.
    static let interval: Duration = .milliseconds(50)
    /// Where the consumer is never idle, trials are announced this often all the same.
    static let longestWait: Duration = .seconds(5)

    private struct State {
        var waiting: [Suspect] = []
        var batchesInHand = 0
        var isFinished = false
    }

    private let state = Mutex(State())
    private let news = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    /// Those that come on top go through the delay queue, lest they fill the window.
    private let mostInHand: Int

    init(mostInHand: Int = 32) { self.mostInHand = mostInHand }

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
            while state.withLock({ !$0.waiting.isEmpty && !$0.isFinished }) {
                guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
                let isTime = ContinuousClock.now - lastTrials >= Self.longestWait
                let (chosen, surplus) = take(isTime)
                if !chosen.isEmpty { lastTrials = .now }
                await Self.putOff(chosen, toTrial: true)
                await Self.putOff(surplus, toTrial: false)
            }
        }
    }

    /// No more are added. Those in hand go back to the queue as its consumer ends.
    func finish() {
        state.withLock { $0.isFinished = true }
        news.continuation.finish()
    }

    /// Who is tried next, of those with so many crashes, sorted. Those with the fewest come first: most
    /// of them are innocent.
    static func nextOnTrial(_ crashes: [Int]) -> Range<Int> {
        guard let least = crashes.first else { return 0..<0 }
        return 0..<min(crashes.count { $0 == least }, mostTogether(crashes: least))
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
    private func take(_ isTime: Bool) -> (chosen: [Suspect], surplus: [Suspect]) {
        state.withLock { state in
            let sorted = state.waiting.shuffled().sorted { $0.crashes < $1.crashes }
            let isAllowed = isTime || state.batchesInHand == 0
            let chosen = isAllowed ? Self.nextOnTrial(sorted.map(\.crashes)) : 0..<0
            let rest = sorted[chosen.upperBound...]
            state.waiting = Array(rest.prefix(mostInHand))
            return (Array(sorted[chosen]), Array(rest.dropFirst(mostInHand)))
        }
    }

    private static func putOff(_ suspects: [Suspect], toTrial: Bool) async {
        await withDiscardingTaskGroup { group in
            for suspect in suspects { group.addTask { await suspect.putOff(toTrial) } }
        }
    }
}
