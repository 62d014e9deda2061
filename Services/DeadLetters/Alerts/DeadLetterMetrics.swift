import Database
import Metrics
import RefundMessages
import RefundService
import Synchronization

/// What alerts are made of: how many are open, by queue and reason, and how old the oldest is.
final class DeadLetterMetrics: Sendable {
    /// Between two looks.
    static let interval: Duration = .seconds(5)

    /// What each metric of the service means.
    static let help = [
        "dead_letters_open": "Dead letters that nobody did anything about, by queue and reason.",
        "dead_letters_oldest_open_seconds":
            "Age of the oldest open dead letter, in seconds; 0 where there is none.",
        "dead_letters_stored_total": "Dead letters stored, by the queue they came from and reason.",
        "dead_letters_known_total": "Dead letters that arrived again and were known already.",
    ]

    private struct Key: Hashable {
        var queue: String
        var reason: String
    }

    private let database: any Database
    private let clock: @Sendable () -> Instant
    private let oldest = Gauge(label: "dead_letters_oldest_open_seconds")
    private let gauges = Mutex<[Key: Gauge]>([:])

    init(database: any Database, clock: @escaping @Sendable () -> Instant) {
        self.database = database
        self.clock = clock
    }

    func look() async throws {
        let summary = try await database.read { try Summary(in: $0) }
        let age = summary.oldestOpenAt.map { clock().milliseconds - $0.milliseconds } ?? 0
        oldest.record(max(0, age) / 1_000)
        gauges.withLock { gauges in
            // What is there no more is 0 rather than what it last was.
            for gauge in gauges.values { gauge.record(0) }
            for tally in summary.tallies where tally.state == .open {
                let key = Key(queue: tally.queue ?? "", reason: tally.reason)
                let gauge =
                    gauges[key]
                    ?? Gauge(
                        label: "dead_letters_open",
                        dimensions: [("queue", key.queue), ("reason", key.reason)])
                gauges[key] = gauge
                gauge.record(tally.count)
            }
        }
    }
}
