import Logging
import Metrics
import Synchronization

/// Counts every result, and says in the log what an operator should know of, without letting a
/// stranger fill it: the first of each kind, then one line a minute.
final class ResultReport: Sendable {
    static let interval: Duration = .seconds(60)

    static let help = ["webhook_events_total": "Events that were posted, by what became of them."]

    private struct Line {
        var saidAt: ContinuousClock.Instant
        var unsaid = 0
    }

    private let logger: Logger
    private let lines = Mutex<[WebhookResult: Line]>([:])

    init(logger: Logger) { self.logger = logger }

    func add(_ result: WebhookResult, now: ContinuousClock.Instant = .now) {
        Counter(label: "webhook_events_total", dimensions: [("result", result.rawValue)])
            .increment()
        guard let (level, message) = Self.line(of: result) else { return }
        let repeated = lines.withLock { lines -> Int? in
            if let line = lines[result], now - line.saidAt < Self.interval {
                lines[result]?.unsaid += 1
                return nil
            }
            defer { lines[result] = Line(saidAt: now) }
            return lines[result]?.unsaid ?? 0
        }
        guard let repeated else { return }
        logger.log(
            level: level, message,
            metadata: ["result": "\(result.rawValue)", "not_logged_before": "\(repeated)"])
    }

    /// Nil for what is as it should be.
    private static func line(of result: WebhookResult) -> (Logger.Level, Logger.Message)? {
        switch result {
        case .published, .duplicate, .ignored: nil
        case .otherMode: (.notice, "an event of the other mode was ignored, see stripe.liveMode")
        case .wrongRequest, .tooLarge, .incomplete, .noSignature, .badSignature:
            (.notice, "a request was refused")
        case .tooOld, .inFuture:
            (.warning, "an event was refused: it was signed more than 300 s from this clock")
        case .wrongSignature:
            (.warning, "an event was refused: none of the signing secrets is its own")
        case .unreadable: (.error, "a signed event cannot be read")
        case .unavailable:
            (.warning, "an event was not taken: the broker is away, blocks or refuses")
        }
    }
}
