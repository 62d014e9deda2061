import AMQP

extension MessageProperties {
    /// These properties for a copy of ours: what would change the broker's handling of it, and
    /// headers that are ours to write, are moved into the table of the `original` header.
    ///
    /// Moved are `user_id` (the broker refuses another's), `expiration`, `CC`, `BCC`, the `x-death`
    /// family and the broker's own counters. What our delay queues added to a retried message is
    /// dropped instead, and the table it already carries goes on.
    ///
    /// - Parameter own: the headers that the copy will carry of ours.
    func settingAside(
        own: [HeaderName], of history: MessageHistory, names: RuntimeNames
    ) -> MessageProperties {
        var copy = self
        var original = FieldTable()
        if history.isRetry, case .table(let table)? = headers?[names.header(.original)] {
            original = table
        }
        if let user = copy.userID.take() { original["user_id"] = .text(user) }
        if let expiration = copy.expiration.take() { original["expiration"] = .text(expiration) }

        let ownKeys = Set(own.map(names.header))
        var kept = FieldTable()
        for (key, value) in headers?.entries ?? [] {
            if ownKeys.contains(key) {
                if !history.isRetry { original[key] = value }
            } else if Self.isBrokers(key) {
                if !history.isRetry { original[key] = value }
            } else if key == "CC" || key == "BCC" {
                original[key] = value
            } else {
                kept.entries.append((key, value))
            }
        }
        if !original.entries.isEmpty {
            kept.entries.append((names.header(.original), .table(original)))
        }
        copy.headers = kept
        return copy
    }

    /// Headers that the broker writes: its dead-lettering and its counts of deliveries.
    private static func isBrokers(_ key: String) -> Bool {
        key == "x-death" || key.hasPrefix("x-first-death-") || key.hasPrefix("x-last-death-")
            || key == "x-delivery-count" || key == "x-acquired-count"
    }

    /// Bytes that the properties take in a content header (AMQP 0-9-1 §4.2.6), at most.
    var encodedSize: Int {
        let texts = [
            contentType, contentEncoding, correlationID, replyTo, expiration, messageID, type,
            userID, appID, clusterID,
        ]
        let fixed = 32
        return fixed + texts.reduce(0) { $0 + 1 + ($1?.utf8.count ?? 0) }
            + (headers.map { FieldValue.table($0).encodedSize } ?? 0)
    }
}

extension FieldValue {
    /// Bytes in a field table, its type octet included.
    var encodedSize: Int {
        switch self {
        case .void: 1
        case .bool, .int8, .uint8: 2
        case .int16, .uint16: 3
        case .int32, .uint32, .float: 5
        case .decimal: 6
        case .int64, .double, .timestamp: 9
        case .string(let bytes), .bytes(let bytes): 5 + bytes.count
        case .array(let values): values.reduce(5) { $0 + $1.encodedSize }
        case .table(let table):
            table.entries.reduce(5) { $0 + 1 + $1.key.utf8.count + $1.value.encodedSize }
        }
    }
}
