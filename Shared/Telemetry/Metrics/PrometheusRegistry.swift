import Synchronization

/// Holds every metric of the process and shows it in the Prometheus text format (version 0.0.4).
///
/// It is the `MetricsFactory` of swift-metrics. A metric keeps at most `maximumSeries` label sets;
/// those beyond share one series labelled `overflow="true"`, so that no label taken from outside can
/// eat the memory. Metrics live as long as the process.
public final class PrometheusRegistry: Sendable {
    /// Label sets of one metric.
    public static let maximumSeries = 256
    /// Metrics of one registry; those beyond are not shown.
    public static let maximumMetrics = 1_024

    /// How a metric is announced.
    enum Kind: String {
        case counter, gauge, histogram
    }

    struct Metric {
        var kind: Kind
        var help: String
        var series: [MetricLabels: any MetricInstrument] = [:]
    }

    struct State {
        var metrics: [String: Metric] = [:]
        var help: [String: String] = [:]
    }

    let state = Mutex(State())

    /// An empty registry.
    public init() {}

    /// The HELP text of the metric with that Prometheus name.
    public func describe(_ name: String, _ help: String) {
        state.withLock {
            $0.help[name] = help
            $0.metrics[name]?.help = help
        }
    }

    /// The instrument of that name and labels, made where there is none.
    ///
    /// One that clashes with a metric of another kind, or is beyond a bound, works and is not shown.
    func instrument<Instrument: MetricInstrument>(
        _ name: String, _ kind: Kind, _ dimensions: [(String, String)],
        label: String, make: () -> Instrument
    ) -> Instrument {
        let labels = MetricLabels(dimensions)
        return state.withLock { state in
            if state.metrics[name] == nil {
                guard state.metrics.count < Self.maximumMetrics else { return make() }
                state.metrics[name] = Metric(kind: kind, help: state.help[name] ?? label)
            }
            guard var metric = state.metrics[name], metric.kind == kind else { return make() }
            let isFull = metric.series.count >= Self.maximumSeries
            let key = metric.series[labels] == nil && isFull ? MetricLabels.overflow : labels
            if let known = metric.series[key] { return known as? Instrument ?? make() }
            let new = make()
            metric.series[key] = new
            state.metrics[name] = metric
            return new
        }
    }
}
