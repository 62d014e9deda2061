/// How many messages may go out now, so that a job keeps its rate. Pure.
struct Pace {
    /// Messages sent together, at most; and how often that is, at high rates.
    static let maximumBurst: Int64 = 512
    static let interval: Duration = .milliseconds(50)
    /// What is behind by more, as after a pause of the broker, is not made up for.
    static let behind: Duration = .seconds(1)

    private let rate: Int64
    private var start: ContinuousClock.Instant
    private var sent: Int64 = 0

    init(rate: Int64, at now: ContinuousClock.Instant) {
        self.rate = rate
        start = now
    }

    private func due(at now: ContinuousClock.Instant) -> Int64 {
        let elapsed = (now - start).components
        let milliseconds = elapsed.seconds * 1_000 + elapsed.attoseconds / 1_000_000_000_000_000
        // The first goes at once.
        return milliseconds * rate / 1_000 + 1
    }

    mutating func allowance(at now: ContinuousClock.Instant) -> Int64 {
        let most = max(1, rate * Int64(Self.behind / .milliseconds(1)) / 1_000)
        if due(at: now) - sent > most {
            start = now - Self.behind
            sent = 0
        }
        return min(max(0, due(at: now) - sent), Self.maximumBurst)
    }

    mutating func note(sent count: Int) { sent += Int64(count) }

    /// Until the next message, but no shorter than ``interval``.
    func pause(at now: ContinuousClock.Instant) -> Duration {
        let missing = sent + 1 - due(at: now)
        guard missing > 0 else { return Self.interval }
        return max(Self.interval, .milliseconds(missing * 1_000 / rate))
    }
}
