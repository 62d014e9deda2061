import Database
import Metrics
import RefundMessages
import RefundService

/// Tells the metrics how many exceptions are open, by reason, and how old the oldest is.
struct ExceptionGauges: Sendable {
    /// Between two looks.
    static let interval: Duration = .seconds(5)

    private static let open = "refund_exceptions_open"
    private static let oldest = "refund_exceptions_oldest_seconds"

    static let help = [
        open: "Refunds in exception that an operator must work off, by reason.",
        oldest: "Age of the oldest refund in exception, in seconds; 0 where there is none.",
    ]

    let database: any Database
    let clock: @Sendable () -> Instant

    func refresh() async throws {
        let summary = try await database.read { try OpenException.summary(in: $0) }
        for reason in SettlementExceptionReason.allCases {
            Gauge(label: Self.open, dimensions: [("reason", reason.rawValue)])
                .record(summary[reason.rawValue]?.count ?? 0)
        }
        let now = clock().milliseconds
        let oldest = summary.values.map { now - $0.oldest.milliseconds }.max() ?? 0
        Gauge(label: Self.oldest).record(max(oldest, 0) / 1_000)
    }
}
