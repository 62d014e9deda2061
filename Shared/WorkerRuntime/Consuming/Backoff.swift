/// Growing waits with a bound, for what must be tried until it works.
struct Backoff {
    static let first: Duration = .milliseconds(100)
    static let longest: Duration = .seconds(10)
    /// Each wait is up to this fraction longer, so that instances do not try in step.
    static let jitter = 0.25

    private var next = Self.first

    /// The wait before the next try: 100 ms, 200 ms … 10 s, jittered.
    mutating func delay() -> Duration {
        defer { next = min(next * 2, Self.longest) }
        return next * Double.random(in: 1...(1 + Self.jitter))
    }

    mutating func reset() { self = Backoff() }
}
