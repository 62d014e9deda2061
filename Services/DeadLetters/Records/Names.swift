/// The names on the broker that this service and its neighbours agree on (the message contract,
/// "Dead letters").
enum Names {
    static let queue = "refund.dead-letters"
    /// Where services and queues put what cannot be processed.
    static let exchange = "refund.dead-letters"
    /// Where a first dead letter of its kind is announced.
    static let events = "refund.dead-letters.events"
    /// A service's word that it has processed a replayed message.
    static let processedType = "refund.replayed.v1"
    static let eventType = "refund.dead-letter-group.v1"

    enum Header {
        static let reason = "refund-reason"
        static let detail = "refund-detail"
        static let path = "refund-path"
        static let queue = "refund-queue"
        static let exchange = "refund-exchange"
        static let routingKey = "refund-routing-key"
        static let consumer = "refund-consumer"
        static let attempts = "refund-attempts"
        static let firstFailedAt = "refund-first-failed-at"
        static let lastFailedAt = "refund-last-failed-at"
        static let original = "refund-original"
        /// On a replayed message: which replay it is.
        static let replay = "refund-replay"
        /// On an edited message: the message id of the one that it replaces.
        static let editOf = "refund-edit-of"

        /// Those that say where a dead letter failed, and how.
        static let failure: Set<String> = [
            reason, detail, path, queue, exchange, routingKey, consumer, attempts, firstFailedAt,
            lastFailedAt,
        ]
    }
}
