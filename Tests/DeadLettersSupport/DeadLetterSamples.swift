package import AMQP
import RefundMessages
import Telemetry

/// Messages as services and publishers send them.
package enum DeadLetterSamples {
    package static func request(_ id: String, order: String = "o-1") -> String {
        """
        {"requestId":"\(id)","orderId":"\(order)","accountId":"a-1",\
        "requestedAt":"\(Instant.now.rfc3339)"}
        """
    }

    /// A dead letter as a service of ours publishes it.
    package static func fromService(
        _ body: String, id: String? = nil, reason: String = "invalid_message",
        path: String? = nil, queue: String = "refund.requests",
        exchange: String = "refund.requests", routingKey: String = "request",
        failedAt: String = "2026-11-23T07:00:00.123Z"
    ) -> OutgoingMessage {
        var properties = MessageProperties()
        properties.messageID = id
        properties.deliveryMode = 2
        var headers: [(String, String)] = [
            ("refund-reason", reason), ("refund-detail", "The value is wrong."),
            ("refund-queue", queue), ("refund-exchange", exchange),
            ("refund-routing-key", routingKey), ("refund-consumer", "orchestrator-host-1"),
            ("refund-first-failed-at", failedAt), ("refund-last-failed-at", failedAt),
        ]
        if let path { headers.append(("refund-path", path)) }
        var table = FieldTable(headers.map { ($0.0, .string(Array($0.1.utf8))) })
        table["refund-attempts"] = .int32(1)
        properties.headers = table
        return OutgoingMessage(
            exchange: "refund.dead-letters", routingKey: queue, properties: properties,
            body: Array(body.utf8))
    }
}

extension Instant {
    fileprivate static var now: Instant {
        let time = WallTime.now()
        return Instant(seconds: time.seconds, nanoseconds: time.nanoseconds)
    }
}
