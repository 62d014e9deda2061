import AMQP
import RefundMessages

/// What the broker's headers tell of a message that a queue dead-lettered.
///
/// RabbitMQ 3.10 has `x-death` (an array of tables, the latest first, one for each queue and
/// reason) and `x-first-death-*`; 3.13 and 4.x add `x-last-death-*`, and 4.x `x-acquired-count`
/// beside `x-delivery-count`. The entry of the queue that dead-lettered it is the one that counts: a
/// message that was retried also died in the delay queues. Every queue of ours dead-letters under
/// its own name, so the routing key says which queue it was.
struct BrokerDeath {
    let story: FailureStory

    /// One death, in whichever headers it stands.
    private struct Death {
        var reason: String?
        var queue: String
        var exchange: String
        var routingKey: String?
        var at: Instant?
    }

    init(_ delivery: Delivery, _ headers: FieldTable, at now: Instant) {
        let death = Self.death(of: delivery, headers)
        // A message that came through the default exchange was sent to its queue by a delay queue
        // or by a replay, and says itself where it was first published.
        let wasSentOn = death.exchange.isEmpty
        let sentOn = { (name: String) in wasSentOn ? headers.text(name) : nil }
        let last = death.at ?? now
        let retries = wasSentOn ? headers.count(Names.Header.attempts) ?? 0 : 0
        let (reason, detail) = Self.reason(
            death.reason, deliveries: Self.deliveries(delivery, headers), delivery)
        story = FailureStory(
            origin: .broker, reason: reason.rawValue, detail: detail, queue: death.queue,
            exchange: sentOn(Names.Header.exchange) ?? death.exchange,
            routingKey: sentOn(Names.Header.routingKey) ?? death.routingKey ?? delivery.routingKey,
            attempts: retries + (Self.deliveries(delivery, headers) ?? 1),
            firstFailedAt: sentOn(Names.Header.firstFailedAt).flatMap(Instant.init(rfc3339:))
                ?? last,
            lastFailedAt: last)
    }

    private static func death(of delivery: Delivery, _ headers: FieldTable) -> Death {
        var deaths: [Death] = []
        if case .array(let entries)? = headers["x-death"] {
            deaths = entries.compactMap {
                if case .table(let entry) = $0 { Self.entry(entry) } else { nil }
            }
        }
        for family in ["x-last-death", "x-first-death"] {
            guard let queue = headers.text("\(family)-queue") else { continue }
            deaths.append(
                Death(
                    reason: headers.text("\(family)-reason"), queue: queue,
                    exchange: headers.text("\(family)-exchange") ?? ""))
        }
        return deaths.first { $0.queue == delivery.routingKey } ?? deaths.first
            ?? Death(queue: delivery.routingKey, exchange: "")
    }

    private static func entry(_ entry: FieldTable) -> Death? {
        guard let queue = entry.text("queue") else { return nil }
        var routingKey: String?
        if case .array(let keys)? = entry["routing-keys"], case .string(let key)? = keys.first {
            routingKey = String(amqpBytes: key)
        }
        return Death(
            reason: entry.text("reason"), queue: queue, exchange: entry.text("exchange") ?? "",
            routingKey: routingKey, at: entry.instant("time"))
    }

    /// How often the queue delivered it in vain. A message that was delivered from the dead-letter
    /// queue before carries that queue's count instead.
    private static func deliveries(_ delivery: Delivery, _ headers: FieldTable) -> Int64? {
        guard !delivery.redelivered else { return nil }
        return headers.count("x-delivery-count") ?? headers.count("x-acquired-count")
    }

    private static func reason(
        _ text: String?, deliveries: Int64?, _ delivery: Delivery
    ) -> (DeadLetterReason, String) {
        switch text {
        case "delivery_limit":
            let times = deliveries.map { "\($0) times" } ?? "as often as its limit allows"
            return (
                .deliveryLimit,
                "The queue delivered it \(times), and each time it came back: the consumer ended "
                    + "without an answer, or returned it."
            )
        case "expired": return (.expired, "It waited in the queue for longer than it may.")
        case "maxlen": return (.overflow, "The queue was full and let go of it.")
        default:
            // A service of ours rejects only what no copy can be made of (its headers).
            return delivery.headersAreComplete
                ? (.tooLarge, "Its headers are too large or too long for a copy of it.")
                : (.tooDeep, "Its headers are nested too deep to be read.")
        }
    }
}
