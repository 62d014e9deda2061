internal import Metrics

/// Counters of one connection, added up once a turn. The names are part of the product's interface.
struct ConnectionMetrics: Sendable {
    private let published: Counter
    private let confirmed: Counter
    private let returned: Counter
    private let nacked: Counter
    private let unconfirmed: Counter
    private let unansweredNow: Gauge
    private let deliveredCounter: Counter
    private let ackedCounter: Counter
    private let rejectedCounter: Counter
    private let dropped: Counter
    private let connections: Counter
    private let blockedMilliseconds: Counter

    init(purpose: String) {
        published = Counter(label: "amqp_published_total")
        confirmed = Counter(label: "amqp_confirmed_total")
        returned = Counter(label: "amqp_returned_total")
        nacked = Counter(label: "amqp_nacked_total")
        unconfirmed = Counter(label: "amqp_unconfirmed_total")
        unansweredNow = Gauge(label: "amqp_publish_window_messages")
        deliveredCounter = Counter(label: "amqp_delivered_total")
        ackedCounter = Counter(label: "amqp_acked_total")
        rejectedCounter = Counter(label: "amqp_rejected_total")
        dropped = Counter(label: "amqp_stale_settlements_total")
        let dimensions = [("connection", purpose)]
        connections = Counter(label: "amqp_connects_total", dimensions: dimensions)
        blockedMilliseconds = Counter(label: "amqp_blocked_milliseconds_total")
    }

    func report(_ counts: PublishMachine.Counts, unanswered: Int) {
        guard counts != PublishMachine.Counts() else { return }
        if counts.published > 0 { published.increment(by: counts.published) }
        if counts.confirmed > 0 { confirmed.increment(by: counts.confirmed) }
        if counts.returned > 0 { returned.increment(by: counts.returned) }
        if counts.nacked > 0 { nacked.increment(by: counts.nacked) }
        if counts.unconfirmed > 0 { unconfirmed.increment(by: counts.unconfirmed) }
        unansweredNow.record(unanswered)
    }

    func delivered(_ count: Int) { deliveredCounter.increment(by: count) }

    func acked(_ count: Int) { ackedCounter.increment(by: count) }

    func rejected() { rejectedCounter.increment() }

    /// A settlement of an older subscription.
    func droppedSettlement() { dropped.increment() }

    func connected() { connections.increment() }

    func blocked(for span: Nanoseconds) {
        blockedMilliseconds.increment(by: Int(span / 1_000_000))
    }
}
