/// Capped exponential waits with full jitter over their upper half, so that clients of a broker
/// that comes back do not come all at once. Pure: randomness is passed in.
struct Backoff: Sendable {
    let first: Nanoseconds
    let most: Nanoseconds
    private var failures: UInt32 = 0

    init(first: Nanoseconds, most: Nanoseconds) {
        // At least a microsecond and at most an hour: the shift below cannot overflow.
        self.first = min(max(first, 1_000), 3_600_000_000_000)
        self.most = max(most, self.first)
    }

    /// The wait after one more failure.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Nanoseconds {
        let doublings = min(failures, 20)
        failures += failures < 20 ? 1 : 0
        let full = min(first << doublings, most)
        return full - Nanoseconds.random(in: 0...full / 2, using: &generator)
    }

    /// The connection stands again.
    mutating func reset() { failures = 0 }
}

/// A span, or an instant on the monotonic clock: plain integers keep the machines cheap.
typealias Nanoseconds = UInt64

extension Nanoseconds {
    /// Zero where negative.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self =
            seconds < 0 ? 0 : UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
