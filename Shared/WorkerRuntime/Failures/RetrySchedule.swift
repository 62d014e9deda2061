/// When a failed message is tried again: the delay queues of the topology, one after the other.
///
/// After a second, five, thirty, two minutes, ten, then every half an hour, until at least a day has
/// passed since the first failure (contract, "Dead letters").
enum RetrySchedule {
    /// A delay queue's name and its message TTL in seconds.
    typealias Step = (name: String, seconds: Int)

    static let steps: [Step] = [
        ("1s", 1), ("5s", 5), ("30s", 30), ("2m", 120), ("10m", 600), ("30m", 1_800),
    ]

    /// The step of a message that waits without having failed.
    static let waitStep = steps[0].name

    /// Tries are made for at least this long.
    static let secondsOfTrying = 86_400

    /// Failures that are followed by another try.
    static let retries: Int = {
        var waited = 0
        var failures = 0
        while waited < secondsOfTrying {
            failures += 1
            waited += steps[min(failures, steps.count) - 1].seconds
        }
        return failures
    }()

    /// The step after that many failures (from 1), nil when the last one was spent.
    static func step(afterFailures failures: Int) -> String? {
        precondition(failures >= 1)
        guard failures <= retries else { return nil }
        return steps[min(failures, steps.count) - 1].name
    }
}
