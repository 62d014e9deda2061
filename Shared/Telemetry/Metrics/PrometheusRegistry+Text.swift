import Synchronization

extension PrometheusRegistry {
    /// The `Content-Type` of `text()`.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All metrics, sorted by name and labels, with the process's own at the end.
    public func text() -> String {
        var out = ""
        let metrics = state.withLock { $0.metrics }
        for (name, metric) in metrics.sorted(by: { $0.key < $1.key }) {
            Self.appendHead(name, metric.kind, metric.help, to: &out)
            for (labels, instrument) in metric.series.sorted(by: { $0.key < $1.key }) {
                switch instrument.read() {
                case .integer(let value): out += "\(name)\(labels.braced()) \(value)\n"
                case .number(let value):
                    out += "\(name)\(labels.braced()) \(Self.number(value))\n"
                case .histogram(let state): Self.append(state, name, labels, to: &out)
                }
            }
        }
        for metric in ProcessMetrics.read() where metrics[metric.name] == nil {
            Self.appendHead(metric.name, metric.kind, metric.help, to: &out)
            out += "\(metric.name) \(Self.number(metric.value))\n"
        }
        return out
    }

    private static func appendHead(
        _ name: String, _ kind: Kind, _ help: String, to out: inout String
    ) {
        out += "# HELP \(name) \(MetricName.escapedHelp(help))\n"
        out += "# TYPE \(name) \(kind.rawValue)\n"
    }

    private static func append(
        _ state: HistogramState, _ name: String, _ labels: MetricLabels, to out: inout String
    ) {
        var total: UInt64 = 0
        for (bound, count) in zip(state.buckets, state.counts) {
            total += count
            out += "\(name)_bucket\(labels.braced(adding: "le=\"\(number(bound))\"")) \(total)\n"
        }
        total += state.counts[state.buckets.count]
        out += "\(name)_bucket\(labels.braced(adding: "le=\"+Inf\"")) \(total)\n"
        out += "\(name)_sum\(labels.braced()) \(number(state.sum))\n"
        out += "\(name)_count\(labels.braced()) \(total)\n"
    }

    /// Shortest text that reads back equal; whole numbers without `.0`.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: value) { return "\(whole)" }
        return "\(value)"
    }
}
