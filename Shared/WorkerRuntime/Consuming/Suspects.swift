import Synchronization

/// Suspects that wait for their trial: alone in the process's hand, when its consumer has nothing
/// else to do.
///
/// They stay unacked till then, bounded by the prefetch. Whoever is not tried is put off first, so
/// that no crash counts against two.
final class Suspects: Sendable {
    struct Suspect: Sendable {
        /// Handles it.
        let tryAlone: @Sendable () async -> Void
        /// Lets it go, to come back for a trial of its own.
        let putOff: @Sendable () async -> Void

        init(
            tryAlone: @escaping @Sendable () async -> Void,
            putOff: @escaping @Sendable () async -> Void
        ) {
            self.tryAlone = tryAlone
            self.putOff = putOff
        }
    }

    /// The consumer is idle when nothing was in hand for so long.
    static let idleTime: Duration = .milliseconds(50)
    /// A suspect is tried after this even where the consumer is never idle.
    static let longestWait: Duration = .seconds(30)

    private struct State {
        var waiting: [Suspect] = []
        var batchesInHand = 0
        var idleSince = ContinuousClock.now
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
        state.withLock { state in
            state.batchesInHand -= 1
            state.idleSince = .now
        }
    }

    /// Tries suspects as the consumer gets idle, until ``finish()``.
    func run() async {
        for await _ in news.stream {
            guard await waitUntilIdle() else { return }
            var waiting = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting.shuffled()
            }
            guard let chosen = waiting.popLast() else { continue }
            for suspect in waiting { await suspect.putOff() }
            // AMQP has no answer to an ack: a crash before the broker has them would double these.
            if !waiting.isEmpty {
                guard (try? await Task.sleep(for: Self.idleTime)) != nil else { return }
            }
            await chosen.tryAlone()
        }
    }

    /// No more are added. Those that wait go back to their queue with the consumer.
    func finish() {
        state.withLock { $0.waiting = [] }
        news.continuation.finish()
    }

    /// - Returns: false where the task is cancelled.
    private func waitUntilIdle() async -> Bool {
        let end = ContinuousClock.now + Self.longestWait
        while !isIdle, ContinuousClock.now < end {
            guard (try? await Task.sleep(for: Self.idleTime)) != nil else { return false }
        }
        return !Task.isCancelled
    }

    private var isIdle: Bool {
        state.withLock {
            $0.batchesInHand == 0 && ContinuousClock.now - $0.idleSince >= Self.idleTime
        }
    }
}
