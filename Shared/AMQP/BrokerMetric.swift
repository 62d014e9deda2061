/// The metrics of this library, by their names in swift-metrics and Prometheus: part of its
/// interface. Several ``Broker``s of one process share them.
public enum BrokerMetric: String, Sendable, Hashable, CaseIterable {
    case published = "amqp_published_total"
    case confirmed = "amqp_confirmed_total"
    case returned = "amqp_returned_total"
    case nacked = "amqp_nacked_total"
    case unconfirmed = "amqp_unconfirmed_total"
    case unconfirmedNow = "amqp_unconfirmed_messages"
    case blockedSeconds = "amqp_blocked_seconds_total"
    case delivered = "amqp_delivered_total"
    case acked = "amqp_acked_total"
    case rejected = "amqp_rejected_total"
    case droppedAcks = "amqp_dropped_acks_total"
    case reconnects = "amqp_reconnects_total"

    /// What it counts, for Prometheus's HELP.
    public var help: String {
        switch self {
        case .published: "Messages sent to the broker."
        case .confirmed: "Published messages that the broker confirmed."
        case .returned: "Published messages that no queue took."
        case .nacked: "Published messages that the broker refused, as a full queue does."
        case .unconfirmed:
            "Messages of publishes that ended without the broker's answer: the connection fell, "
                + "the time was over, or they were never sent."
        case .unconfirmedNow: "Messages sent and not yet answered by the broker."
        case .blockedSeconds:
            "Seconds for which the broker blocked publishing (connection.blocked)."
        case .delivered: "Messages delivered to consumers."
        case .acked: "Deliveries acked."
        case .rejected: "Deliveries rejected, to their queue or its dead-letter exchange."
        case .droppedAcks:
            "Acks and rejects not sent, since the subscription that delivered had ended; "
                + "the broker delivers those messages again."
        case .reconnects: "Connections made again after a loss, by connection."
        }
    }
}
