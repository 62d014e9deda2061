import Logging
import TestSupport

/// Keeps what is logged, metadata included, line by line.
final class LogStore: Sendable {
    private let lines = Locked<[String]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(store: self) } }

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    func count(_ level: Logger.Level, _ message: String) -> Int {
        lines.withLock { $0.count { $0.hasPrefix("\(level) \(message)") } }
    }

    private struct Handler: LogHandler {
        let store: LogStore
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            store.lines.withLock { $0.append("\(event.level) \(event.message) \(all)") }
        }
    }
}
