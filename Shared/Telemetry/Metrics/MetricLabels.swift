/// The labels of one time series, in the order of their names.
struct MetricLabels: Hashable, Comparable {
    /// `a="1",b="2"`, escaped; empty without labels.
    let text: String

    init(_ dimensions: [(String, String)]) {
        text =
            dimensions
            .map { "\(MetricName.label($0.0))=\"\(MetricName.escapedValue($0.1))\"" }
            .sorted()
            .joined(separator: ",")
    }

    /// Where the series beyond a metric's bound are collected.
    static let overflow = MetricLabels([("overflow", "true")])

    /// `{…}` with one more label, as a histogram's `le`; empty where there is none.
    func braced(adding label: String = "") -> String {
        let inner = [text, label].filter { !$0.isEmpty }.joined(separator: ",")
        return inner.isEmpty ? "" : "{\(inner)}"
    }

    static func < (left: MetricLabels, right: MetricLabels) -> Bool { left.text < right.text }
}
