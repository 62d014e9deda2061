import AMQP

extension MessageProperties {
    /// Bytes of headers that fit one content header frame of the broker's default `frame_max`
    /// (128 KiB) with room for the other properties.
    static let maximumHeaderBytes = 120 * 1024
    /// Levels of tables that the AMQP library writes.
    static let maximumTableDepth = 64
    /// Bytes of a short string (AMQP 0-9-1 §4.2.5.3). What came in fits, but text that was not
    /// UTF-8 grows when it is repaired.
    private static let maximumShortString = 255

    /// Whether a copy with these properties can be written as AMQP.
    var isPublishable: Bool {
        let texts = [
            contentType, contentEncoding, correlationID, replyTo, expiration, messageID, type,
            userID, appID, clusterID,
        ]
        guard texts.allSatisfy({ ($0?.utf8.count ?? 0) <= Self.maximumShortString }) else {
            return false
        }
        guard let headers else { return true }
        guard let size = Self.encodedSize(.table(headers), depth: 1) else { return false }
        return size <= Self.maximumHeaderBytes
    }

    /// Bytes in a field table (AMQP 0-9-1 §4.2.5.5), nil where it is nested too deep or a name is
    /// too long. The recursion is bounded by the depth.
    private static func encodedSize(_ value: FieldValue, depth: Int) -> Int? {
        guard depth <= maximumTableDepth else { return nil }
        switch value {
        case .void: return 1
        case .bool, .int8, .uint8: return 2
        case .int16, .uint16: return 3
        case .int32, .uint32, .float: return 5
        case .decimal: return 6
        case .int64, .double, .timestamp: return 9
        case .string(let bytes), .bytes(let bytes): return 5 + bytes.count
        case .array(let values):
            var size = 5
            for value in values {
                guard let inner = encodedSize(value, depth: depth + 1) else { return nil }
                size += inner
            }
            return size
        case .table(let table):
            var size = 5
            for (key, value) in table.entries {
                guard key.utf8.count <= maximumShortString,
                    let inner = encodedSize(value, depth: depth + 1)
                else { return nil }
                size += 1 + key.utf8.count + inner
            }
            return size
        }
    }
}
