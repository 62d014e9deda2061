import AMQP
import CoreMetrics
import Logging
import Telemetry
import TestSupport

/// A broker whose metrics and log are kept.
struct Observed: Sendable {
    let registry = PrometheusRegistry()
    let lines = Locked<[LogLine]>([])

    struct LogLine: Sendable {
        var text: String
        var keys: Set<String>
    }

    /// The value of a metric, summed over its labels; nil where it is not shown.
    func value(_ metric: BrokerMetric, label: String = "") -> Double? {
        let values = registry.text().split(separator: "\n").compactMap { line -> Double? in
            let parts = line.split(separator: " ")
            guard parts.count == 2, line.contains(label) else { return nil }
            let name = parts[0].prefix { $0 != "{" }
            return name == metric.rawValue ? Double(parts[1]) : nil
        }
        return values.isEmpty ? nil : values.reduce(0, +)
    }

    func run<Result: Sendable>(
        _ uri: String, configure: (inout BrokerConfiguration) -> Void = { _ in },
        _ body: (Broker) async throws -> Result
    ) async throws -> Result {
        var configuration = try BrokerConfiguration(uri: uri, connectionName: "test")
        configure(&configuration)
        var logger = Logger(label: "test") { _ in CapturingLogHandler(lines: lines) }
        logger.logLevel = .trace
        let broker = Broker(configuration, logger: logger, metrics: registry)
        let running = Task { try await broker.run() }
        defer { running.cancel() }
        let result = try await body(broker)
        running.cancel()
        _ = await running.result
        return result
    }
}

/// Keeps what is logged, with its metadata.
struct CapturingLogHandler: LogHandler {
    let lines: Locked<[Observed.LogLine]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let line = Observed.LogLine(text: "\(event.message) \(all)", keys: Set(all.keys))
        lines.withLock { $0.append(line) }
    }
}
