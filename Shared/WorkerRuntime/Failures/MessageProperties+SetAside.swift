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
        if history.isOurs, case .table(let table)? = headers?[names.header(.original)] {
            original = table
        }
        if let user = copy.userID.take() { original["user_id"] = .text(user) }
        if let expiration = copy.expiration.take() { original["expiration"] = .text(expiration) }

        let ownKeys = Set(own.map(names.header))
        var kept = FieldTable()
        for (key, value) in headers?.entries ?? [] {
            if ownKeys.contains(key) {
                if !history.isOurs { original[key] = value }
            } else if Self.isBrokers(key) {
                if !history.isOurs { original[key] = value }
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
}
