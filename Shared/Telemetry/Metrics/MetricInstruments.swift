import CoreMetrics
import Synchronization

/// What an instrument shows at one moment.
enum MetricReading {
    case integer(Int64)
    case number(Double)
    case histogram(HistogramState)
}

/// One time series.
protocol MetricInstrument: AnyObject, Sendable {
    func read() -> MetricReading
}

/// A counter of whole things.
final class PrometheusCounter: MetricInstrument, CounterHandler {
    private let value = Atomic<Int64>(0)

    /// Counters only grow: a negative amount is ignored.
    func increment(by amount: Int64) {
        if amount > 0 { value.wrappingAdd(amount, ordering: .relaxed) }
    }

    /// Prometheus takes a counter that starts again at 0 for a restart.
    func reset() { value.store(0, ordering: .relaxed) }
    func read() -> MetricReading { .integer(value.load(ordering: .relaxed)) }
}

/// A counter of fractions, as seconds spent.
final class PrometheusFloatingCounter: MetricInstrument, FloatingPointCounterHandler {
    private let value = Mutex(0.0)

    /// Counters only grow: negative and non-finite amounts are ignored.
    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        value.withLock { $0 += amount }
    }

    func reset() { value.withLock { $0 = 0 } }
    func read() -> MetricReading { .number(value.withLock { $0 }) }
}

/// A value that goes up and down.
final class PrometheusGauge: MetricInstrument, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func read() -> MetricReading { .number(value.withLock { $0 }) }
}

/// Counts of observations by upper bound, with their sum.
final class PrometheusHistogram: MetricInstrument, TimerHandler, RecorderHandler {
    private let state: Mutex<HistogramState>

    init(buckets: [Double]) { state = Mutex(HistogramState(buckets: buckets)) }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        guard value.isFinite else { return }
        state.withLock { $0.observe(value) }
    }

    func read() -> MetricReading { .histogram(state.withLock { $0 }) }
}

/// The content of a histogram.
struct HistogramState {
    /// Upper bounds, inclusive, ascending; `+Inf` is implied.
    let buckets: [Double]
    /// Observations in each bucket alone, the last is beyond every bound.
    private(set) var counts: [UInt64]
    private(set) var sum = 0.0

    init(buckets: [Double]) {
        self.buckets = buckets
        counts = Array(repeating: 0, count: buckets.count + 1)
    }

    mutating func observe(_ value: Double) {
        counts[buckets.firstIndex { value <= $0 } ?? buckets.count] += 1
        sum += value
    }
}

/// Upper bounds of histograms.
enum MetricBuckets {
    /// Of timers: from half a millisecond to a minute.
    static let seconds = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    /// Of recorders, which count things such as the messages of a batch.
    static let counts = [1.0, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000, 100_000]
}
