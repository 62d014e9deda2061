public import CoreMetrics

extension PrometheusRegistry: MetricsFactory {
    /// A counter; its name ends in `_total`.
    public func makeCounter(
        label: String, dimensions: [(String, String)]
    ) -> any CounterHandler {
        instrument(
            MetricName.metric(label, suffix: "_total"), .counter, dimensions, label: label
        ) { PrometheusCounter() }
    }

    /// A counter of fractions; its name ends in `_total`.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        instrument(
            MetricName.metric(label, suffix: "_total"), .counter, dimensions, label: label
        ) { PrometheusFloatingCounter() }
    }

    /// A gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        instrument(MetricName.metric(label), .gauge, dimensions, label: label) {
            PrometheusGauge()
        }
    }

    /// A histogram of counts, or a gauge where nothing is to be aggregated.
    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let name = MetricName.metric(label)
        guard aggregate else {
            return instrument(name, .gauge, dimensions, label: label) { PrometheusGauge() }
        }
        return instrument(name, .histogram, dimensions, label: label) {
            PrometheusHistogram(buckets: MetricBuckets.counts)
        }
    }

    /// A histogram of seconds; its name ends in `_seconds`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        instrument(
            MetricName.metric(label, suffix: "_seconds"), .histogram, dimensions, label: label
        ) { PrometheusHistogram(buckets: MetricBuckets.seconds) }
    }

    /// Nothing: what was counted stays shown.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Nothing: what was counted stays shown.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// Nothing: the last value stays shown.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Nothing: what was recorded stays shown.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Nothing: what was recorded stays shown.
    public func destroyTimer(_ handler: any TimerHandler) {}
}
