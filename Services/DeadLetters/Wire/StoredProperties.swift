import AMQP

/// The properties of a message, but its headers, as they stand in the store: a table of those that
/// it has, by their AMQP names.
enum StoredProperties {
    private static let texts:
        [(name: String, path: any WritableKeyPath<MessageProperties, String?> & Sendable)] = [
            ("content_type", \.contentType), ("content_encoding", \.contentEncoding),
            ("correlation_id", \.correlationID), ("reply_to", \.replyTo),
            ("expiration", \.expiration), ("message_id", \.messageID), ("type", \.type),
            ("user_id", \.userID), ("app_id", \.appID), ("cluster_id", \.clusterID),
        ]

    static func table(_ properties: MessageProperties) -> FieldTable {
        var table = FieldTable()
        for (name, path) in texts {
            if let text = properties[keyPath: path] {
                table.entries.append((name, .string(text.amqpBytes)))
            }
        }
        if let mode = properties.deliveryMode { table["delivery_mode"] = .uint8(mode) }
        if let priority = properties.priority { table["priority"] = .uint8(priority) }
        if let timestamp = properties.timestamp { table["timestamp"] = .timestamp(timestamp) }
        return table
    }

    static func properties(_ table: FieldTable) -> MessageProperties {
        var properties = MessageProperties()
        for (name, path) in texts {
            guard case .string(let bytes)? = table[name] else { continue }
            properties[keyPath: path] = String(amqpBytes: bytes)
        }
        if case .uint8(let mode)? = table["delivery_mode"] { properties.deliveryMode = mode }
        if case .uint8(let priority)? = table["priority"] { properties.priority = priority }
        if case .timestamp(let timestamp)? = table["timestamp"] { properties.timestamp = timestamp }
        return properties
    }
}
