import AMQP
import RefundMessages

/// Where a dead letter failed, and how: told by the headers of the service that gave it up, derived
/// from the broker's where the broker did. Pure.
///
/// Headers are believed only where who wrote them is known. What comes through the exchange
/// `refund.dead-letters` was put there by a service of ours, whose copies never have an `x-death`,
/// or by a queue's dead-lettering, which always writes one. What comes from any other exchange is a
/// publisher's, which no queue took.
struct FailureStory: Equatable {
    /// Who gave the message up.
    enum Origin: String, CaseIterable { case service, broker, unroutable }

    var origin: Origin
    /// A code of the contract.
    var reason: String
    var detail: String
    var path: String?
    /// Nil for what no queue took.
    var queue: String?
    var exchange: String
    var routingKey: String
    var consumer: String?
    var attempts: Int64
    var firstFailedAt: Instant
    var lastFailedAt: Instant

    /// Bytes of a sentence (the message contract) and of a JSON Pointer.
    private static let detailBytes = 1_024
    private static let pathBytes = 4 * 1_024
    private static let reasonLength = 1...64

    init(_ delivery: Delivery, at now: Instant) {
        let headers = delivery.readableHeaders
        guard delivery.exchange == Names.exchange else {
            self = Self.unroutable(delivery, at: now)
            return
        }
        if headers.isBrokerDead {
            self = BrokerDeath(delivery, headers, at: now).story
        } else if let reason = headers.text(Names.Header.reason), Self.isReason(reason) {
            self = Self.service(delivery, headers, reason, at: now)
        } else {
            // Somebody put it there by hand.
            self = Self.unroutable(delivery, at: now)
        }
    }

    init(
        origin: Origin, reason: String, detail: String, path: String? = nil, queue: String?,
        exchange: String, routingKey: String, consumer: String? = nil, attempts: Int64,
        firstFailedAt: Instant, lastFailedAt: Instant
    ) {
        self.origin = origin
        self.reason = reason
        self.detail = detail
        self.path = path
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
        self.consumer = consumer
        self.attempts = attempts
        self.firstFailedAt = firstFailedAt
        self.lastFailedAt = lastFailedAt
    }

    private static func service(
        _ delivery: Delivery, _ headers: FieldTable, _ reason: String, at now: Instant
    ) -> FailureStory {
        let last = headers.instant(Names.Header.lastFailedAt) ?? now
        return FailureStory(
            origin: .service, reason: reason,
            detail: headers.text(Names.Header.detail, atMost: detailBytes) ?? "",
            path: headers.text(Names.Header.path, atMost: pathBytes),
            queue: headers.text(Names.Header.queue) ?? delivery.routingKey,
            exchange: headers.text(Names.Header.exchange) ?? "",
            routingKey: headers.text(Names.Header.routingKey) ?? delivery.routingKey,
            consumer: headers.text(Names.Header.consumer),
            attempts: headers.count(Names.Header.attempts) ?? 1,
            firstFailedAt: headers.instant(Names.Header.firstFailedAt) ?? last, lastFailedAt: last)
    }

    private static func unroutable(_ delivery: Delivery, at now: Instant) -> FailureStory {
        FailureStory(
            origin: .unroutable, reason: DeadLetterReason.unroutable.rawValue,
            detail: "No queue is bound to the exchange for this routing key.", queue: nil,
            exchange: delivery.exchange, routingKey: delivery.routingKey, attempts: 0,
            firstFailedAt: now, lastFailedAt: now)
    }

    /// A code is `a…z` and `_`: a newer service may have one that is not known here.
    private static func isReason(_ text: String) -> Bool {
        reasonLength.contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") }
    }
}
