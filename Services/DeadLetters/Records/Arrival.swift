import AMQP
import RefundMessages

/// A delivery of the dead-letter queue, read.
enum Arrival {
    /// A service says that it has processed a replayed message.
    case processed(ReplayID)
    case deadLetter(NewRecord)

    init(_ delivery: Delivery, at now: Instant) {
        let story = FailureStory(delivery, at: now)
        let headers = delivery.readableHeaders
        if delivery.exchange == Names.exchange, !headers.isBrokerDead,
            delivery.properties.type == Names.processedType,
            let replay = headers.text(Names.Header.replay).flatMap(ReplayID.init)
        {
            self = .processed(replay)
        } else {
            self = .deadLetter(NewRecord(delivery, story))
        }
    }
}

/// A dead letter that is to be stored.
struct NewRecord {
    let story: FailureStory
    let delivery: Delivery
    let facts: BodyFacts
    let replay: ReplayID?
    let fingerprint: String
    let place: String?
    /// What all copies of this very dead letter have in common, and nothing else has but a twin: a
    /// message without id, of equal content, that failed at the same instant.
    let copyKey: [UInt8]
    /// What every dead letter of the same message has in common; nil where it has no message id.
    let messageKey: [UInt8]?

    init(_ delivery: Delivery, _ story: FailureStory) {
        self.story = story
        self.delivery = delivery
        let properties = delivery.properties
        facts = BodyFacts(delivery.body, correlationID: properties.correlationID)
        replay = properties.headers?.text(Names.Header.replay).flatMap(ReplayID.init)
        place = Fingerprint.place(story.path)
        fingerprint = Fingerprint.of(reason: story.reason, path: place, type: properties.type)
        copyKey = Self.copyKey(delivery)
        messageKey = Self.messageKey(delivery, story, replay)
    }

    /// Everything that was delivered, but the broker's counts of deliveries.
    private static func copyKey(_ delivery: Delivery) -> [UInt8] {
        var headers = delivery.properties.headers
        headers?["x-delivery-count"] = nil
        headers?["x-acquired-count"] = nil
        var digest = Digest()
        digest.add("copy")
        digest.add(delivery.exchange)
        digest.add(delivery.routingKey)
        digest.add(FieldTableCodec.encode(StoredProperties.table(delivery.properties)))
        digest.add(headers.map(FieldTableCodec.encode) ?? delivery.rawHeaders)
        digest.add(delivery.body)
        return digest.value
    }

    /// A message id alone is not believed to be one message's: a publisher that numbers badly must
    /// not lose a message.
    private static func messageKey(
        _ delivery: Delivery, _ story: FailureStory, _ replay: ReplayID?
    ) -> [UInt8]? {
        guard replay != nil || delivery.properties.messageID != nil else { return nil }
        var digest = Digest()
        digest.add("message")
        digest.add(delivery.properties.messageID)
        digest.add(replay?.text)
        digest.add(story.queue)
        digest.add(story.exchange)
        digest.add(story.routingKey)
        digest.add(delivery.properties.type)
        digest.add(delivery.body)
        return digest.value
    }
}
