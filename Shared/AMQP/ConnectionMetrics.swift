internal import Metrics

/// The instruments of one connection, written once a turn.
struct ConnectionMetrics: Sendable {
    private let published: Counter
    private let confirmed: Counter
    private let returned: Counter
    private let nacked: Counter
    private let unconfirmed: Counter
    private let unconfirmedNow: Gauge
    private let blockedSeconds: FloatingPointCounter
    private let deliveredCounter: Counter
    private let ackedCounter: Counter
    private let rejectedCounter: Counter
    private let dropped: Counter
    private let reconnects: Counter

    init(purpose: String, factory: any MetricsFactory) {
        func counter(_ metric: BrokerMetric) -> Counter {
            Counter(label: metric.rawValue, factory: factory)
        }
        published = counter(.published)
        confirmed = counter(.confirmed)
        returned = counter(.returned)
        nacked = counter(.nacked)
        unconfirmed = counter(.unconfirmed)
        unconfirmedNow = Gauge(label: BrokerMetric.unconfirmedNow.rawValue, factory: factory)
        blockedSeconds = FloatingPointCounter(
            label: BrokerMetric.blockedSeconds.rawValue, factory: factory)
        deliveredCounter = counter(.delivered)
        ackedCounter = counter(.acked)
        rejectedCounter = counter(.rejected)
        dropped = counter(.droppedAcks)
        reconnects = Counter(
            label: BrokerMetric.reconnects.rawValue, dimensions: [("connection", purpose)],
            factory: factory)
    }

    /// What was published and answered since the last time.
    func published(_ counts: PublishMachine.Counts) {
        guard counts != PublishMachine.Counts() else { return }
        if counts.published > 0 { published.increment(by: counts.published) }
        if counts.confirmed > 0 { confirmed.increment(by: counts.confirmed) }
        if counts.returned > 0 { returned.increment(by: counts.returned) }
        if counts.nacked > 0 { nacked.increment(by: counts.nacked) }
        if counts.unconfirmed > 0 { unconfirmed.increment(by: counts.unconfirmed) }
    }

    /// Sent and not yet answered.
    func unconfirmedNow(_ count: Int) { unconfirmedNow.record(count) }

    func delivered(_ count: Int) { deliveredCounter.increment(by: count) }

    func acked(_ count: Int) { ackedCounter.increment(by: count) }

    func rejected() { rejectedCounter.increment() }

    /// A settlement of an older subscription.
    func droppedSettlement() { dropped.increment() }

    func reconnected() { reconnects.increment() }

    func blocked(for span: Nanoseconds) { blockedSeconds.increment(by: Double(span) / 1e9) }
}
