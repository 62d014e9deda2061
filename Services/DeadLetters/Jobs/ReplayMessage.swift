import AMQP

/// The message that a replay sends. Pure.
///
/// It is the message as it came, without what the broker wrote on it and what would change the
/// broker's handling of it; our own headers stay, but the count of attempts and their times: it
/// starts anew. Sent again, it is the same to the byte, its replay's name included.
enum ReplayMessage {
    /// Another body, under another message id.
    struct Edit: Sendable {
        var messageID: String
        var body: [UInt8]
    }

    private static let droppedHeaders: Set<String> = [
        Names.Header.attempts, Names.Header.firstFailedAt, Names.Header.lastFailedAt, "CC", "BCC",
        "x-delivery-count", "x-acquired-count", "x-death",
    ]
    private static let persistent: UInt8 = 2

    static func make(
        _ record: Record, _ content: Content, to destination: Destination, replay: ReplayID,
        edit: Edit?
    ) -> OutgoingMessage {
        var properties = StoredProperties.properties(content.properties)
        properties.userID = nil
        properties.expiration = nil
        properties.deliveryMode = persistent
        var headers = FieldTable(
            (content.headers ?? FieldTable()).entries.filter { key, _ in !isDropped(key) })
        if destination.queue != nil {
            headers[Names.Header.exchange] = .string(record.exchange.amqpBytes)
            headers[Names.Header.routingKey] = .string(record.routingKey.amqpBytes)
        }
        headers[Names.Header.replay] = .string(Array(replay.text.utf8))
        if let edit {
            headers[Names.Header.editOf] = .string(
                (properties.messageID ?? "dead letter \(record.id)").amqpBytes)
            properties.messageID = edit.messageID
        }
        properties.headers = headers
        return OutgoingMessage(
            exchange: destination.exchange, routingKey: destination.routingKey,
            properties: properties, body: edit?.body ?? content.body)
    }

    private static func isDropped(_ key: String) -> Bool {
        droppedHeaders.contains(key) || key.hasPrefix("x-first-death-")
            || key.hasPrefix("x-last-death-")
    }
}
