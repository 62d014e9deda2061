import Logging
import Synchronization

/// A log that keeps only the last warning: why the broker could not be reached.
final class LastComplaint: Sendable {
    private let text = Mutex<String?>(nil)

    /// What it says, if anything.
    var latest: String? { text.withLock { $0 } }

    var logger: Logger { Logger(label: "refundctl") { _ in Handler(complaint: self) } }

    private struct Handler: LogHandler {
        let complaint: LastComplaint
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .notice

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }
                .map { "\($0.key): \($0.value)" }
            let text = ([event.message.description] + details).joined(separator: ", ")
            complaint.text.withLock { $0 = text }
        }
    }
}
