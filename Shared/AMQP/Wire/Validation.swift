/// What must hold before a message is given to librabbitmq: it cuts a long short string without a
/// word, and fails on a large table only after the method frame has gone out.
extension OutgoingMessage {
    /// - Throws: ``AMQPError/Code/invalidMessage`` naming the property.
    func check(frameBytes: Int, maxTableDepth: Int) throws(AMQPError) {
        try MessageProperties.check(exchange, "exchange")
        try MessageProperties.check(routingKey, "routing key")
        try properties.check(frameBytes: frameBytes, maxTableDepth: maxTableDepth)
    }
}

extension MessageProperties {
    /// AMQP 0-9-1 §4.2.5.3: a short string is at most 255 bytes.
    static let mostShortStringBytes = 255
    /// Of a header frame, for everything but the table: fixed fields and ten short strings.
    static let headerFrameReserve = 4_096
    /// Where the configuration says nothing else.
    static let usualTableDepth = 64

    /// Whether a message with these can be published, under the usual limits. What came in fits,
    /// but headers may have been added.
    package var isPublishable: Bool {
        do throws(AMQPError) {
            try check(frameBytes: Int(Wire.frameBytes), maxTableDepth: Self.usualTableDepth)
            return true
        } catch {
            return false
        }
    }

    /// - Throws: ``AMQPError/Code/invalidMessage`` naming the property.
    func check(frameBytes: Int, maxTableDepth: Int) throws(AMQPError) {
        try Self.check(contentType, "content_type")
        try Self.check(contentEncoding, "content_encoding")
        try Self.check(correlationID, "correlation_id")
        try Self.check(replyTo, "reply_to")
        try Self.check(expiration, "expiration")
        try Self.check(messageID, "message_id")
        try Self.check(type, "type")
        try Self.check(userID, "user_id")
        try Self.check(appID, "app_id")
        try Self.check(clusterID, "cluster_id")
        guard let headers else { return }
        let bytes = try headers.encodedBytes(depth: 1, most: maxTableDepth)
        guard bytes <= frameBytes - Self.headerFrameReserve else {
            throw AMQPError(
                .invalidMessage,
                "the headers take \(bytes) bytes, more than a frame of \(frameBytes) holds")
        }
    }

    fileprivate static func check(_ text: String?, _ name: String) throws(AMQPError) {
        guard let count = text?.amqpByteCount, count > mostShortStringBytes else { return }
        throw AMQPError(
            .invalidMessage, "the \(name) has \(count) bytes; AMQP allows \(mostShortStringBytes)")
    }
}

extension FieldTable {
    /// AMQP's own limit on a key is 128 characters; RabbitMQ takes what a short string holds.
    static let mostKeyBytes = 255

    /// The size on the wire (AMQP 0-9-1 §4.2.5.5).
    func encodedBytes(depth: Int, most: Int) throws(AMQPError) -> Int {
        guard depth <= most else {
            throw AMQPError(.invalidMessage, "the headers are nested deeper than \(most)")
        }
        var bytes = 4
        for (key, value) in entries {
            let count = key.amqpByteCount
            guard count <= Self.mostKeyBytes else {
                throw AMQPError(
                    .invalidMessage, "a header's name has more than \(Self.mostKeyBytes) bytes")
            }
            bytes += 1 + count
            bytes += try value.encodedBytes(depth: depth, most: most)
        }
        return bytes
    }
}

extension FieldValue {
    fileprivate func encodedBytes(depth: Int, most: Int) throws(AMQPError) -> Int {
        switch self {
        case .void: return 1
        case .bool, .int8, .uint8: return 2
        case .int16, .uint16: return 3
        case .int32, .uint32, .float: return 5
        case .decimal: return 6
        case .int64, .double, .timestamp: return 9
        case .string(let bytes), .bytes(let bytes): return 5 + bytes.count
        case .table(let table): return 1 + (try table.encodedBytes(depth: depth + 1, most: most))
        case .array(let values):
            guard depth < most else {
                throw AMQPError(.invalidMessage, "the headers are nested deeper than \(most)")
            }
            var bytes = 5
            for value in values { bytes += try value.encodedBytes(depth: depth + 1, most: most) }
            return bytes
        }
    }
}
