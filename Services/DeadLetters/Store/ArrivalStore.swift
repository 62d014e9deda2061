import AMQP
import Database
import RefundMessages
import RefundService

/// Stores what was delivered, in one transaction. What comes again changes nothing.
///
/// The broker delivers at least once, a service may publish its dead letter twice, and a publisher
/// may send a message again. So a dead letter is known:
/// - by its copy (all that was delivered, but the broker's counts): the same copy, delivered again, is
///   the same dead letter. One that the broker says was never delivered before (`redelivered` is
///   false) and that has no message id is a twin and is stored beside the other;
/// - by its message (message id, place, type and body): while a dead letter is open, another of the
///   same message is one more sighting of it; once something was done about it, a new dead letter.
///   Another copy of the same replay is never a new one.
struct ArrivalStore {
    let connection: any SQLConnection
    /// Never earlier than what is stored already: ids and times of arrival grow together.
    let now: Instant
    /// Whether announcements go to a webhook too.
    let hasWebhook: Bool

    init(connection: any SQLConnection, now: Instant, hasWebhook: Bool) throws {
        self.connection = connection
        let latest = try connection.query(
            "SELECT received_at FROM dead_letters ORDER BY received_at DESC LIMIT 1", []
        ).first?.instant(0)
        self.now = latest.map { max($0, now) } ?? now
        self.hasWebhook = hasWebhook
    }

    /// What a batch came to.
    struct Result: Sendable {
        var stored = 0
        var known = 0
        /// Queue and reason of each that was stored.
        var kinds: [Kind: Int] = [:]
    }

    struct Kind: Hashable, Sendable {
        var queue: String
        var reason: String
    }

    private struct Placed {
        var id: Int64
        var record: NewRecord
        var replayOf: Int64?
    }

    func store(_ deliveries: [Delivery]) throws -> Result {
        var replays: [ReplayID] = []
        var records: [NewRecord] = []
        for delivery in deliveries {
            switch Arrival(delivery, at: now) {
            case .processed(let replay): replays.append(replay)
            case .deadLetter(let record): records.append(record)
            }
        }
        var result = Result()
        let new = try placed(unknown(among: records))
        result.stored = new.count
        result.known = records.count - new.count
        for entry in new {
            result.kinds[
                Kind(queue: entry.record.story.queue ?? "", reason: entry.record.story.reason),
                default: 0] += 1
        }
        try insert(new)
        try link(new)
        let changes = RecordChanges(connection: connection, now: now)
        try changes.processed(replays)
        return result
    }

    // MARK: - What is known

    private func unknown(among records: [NewRecord]) throws -> [NewRecord] {
        guard !records.isEmpty else { return [] }
        var copies = Set<[UInt8]>()
        for (record, rows) in zip(
            records,
            try connection.queryEach(
                "SELECT 1 FROM copies WHERE copy_key = $1", records.map { [.blob($0.copyKey)] }))
        where !rows.isEmpty {
            copies.insert(record.copyKey)
        }
        let keys = Array(Set(records.compactMap(\.messageKey)))
        var messages: [[UInt8]: (id: Int64, state: RecordState)?] = [:]
        for (key, rows) in zip(
            keys,
            try connection.queryEach(
                """
                SELECT m.id, d.state FROM messages m LEFT JOIN dead_letters d ON d.id = m.id
                WHERE m.message_key = $1
                """, keys.map { [.blob($0)] }))
        {
            guard let row = rows.first else { continue }
            // An evicted one is over.
            let state = try row.optionalText(1).flatMap(RecordState.init) ?? .discarded
            messages[key] = .some((try row.integer(0), state))
        }
        var new: [NewRecord] = []
        for record in records {
            if try isKnown(record, copies: &copies, messages: &messages) { continue }
            new.append(record)
        }
        return new
    }

    private func isKnown(
        _ record: NewRecord, copies: inout Set<[UInt8]>,
        messages: inout [[UInt8]: (id: Int64, state: RecordState)?]
    ) throws -> Bool {
        let isKnownCopy = !copies.insert(record.copyKey).inserted
        guard let key = record.messageKey else {
            return isKnownCopy && record.delivery.redelivered
        }
        if isKnownCopy { return true }
        guard let known = messages[key] else {
            // Nil inside: it is in this batch, and open.
            messages[key] = .some(nil)
            return false
        }
        guard let known else { return true }
        if record.replay != nil { return true }
        guard known.state == .open else {
            messages[key] = .some(nil)
            return false
        }
        try connection.execute(
            """
            UPDATE dead_letters SET sightings = sightings + 1, last_failed_at = $2 WHERE id = $1
            """, [.integer(known.id), .instant(record.story.lastFailedAt)])
        try remember(copies: [(record.copyKey, known.id)])
        return true
    }

    private func remember(copies: [(key: [UInt8], id: Int64)]) throws {
        try connection.executeEach(
            """
            INSERT INTO copies (copy_key, id) VALUES ($1, $2) ON CONFLICT (copy_key) DO NOTHING
            """, copies.map { [.blob($0.key), .integer($0.id)] })
    }

    // MARK: - What is new

    private func placed(_ records: [NewRecord]) throws -> [Placed] {
        guard !records.isEmpty else { return [] }
        let first = try connection.take(Int64(records.count), of: "dead_letters")
        let known = try RecordChanges(connection: connection, now: now)
            .known(records.compactMap(\.replay))
        let jobs = Dictionary(uniqueKeysWithValues: known.map { ($0.id, $0.job) })
        return records.enumerated().map { offset, record in
            let of = record.replay.flatMap { jobs[$0.record] == $0.job ? $0.record : nil }
            return Placed(id: first + Int64(offset), record: record, replayOf: of)
        }
    }

    private func insert(_ new: [Placed]) throws {
        guard !new.isEmpty else { return }
        let marks = (1...24).map { "$\($0)" }.joined(separator: ", ")
        try connection.executeEach(
            """
            INSERT INTO dead_letters (id, state, origin, reason, detail, path, fingerprint, type,
                message_id, queue, exchange, routing_key, consumer, attempts, first_failed_at,
                last_failed_at, received_at, changed_at, sightings, request_id, order_id,
                body_bytes, replay_of, failed_again_as)
            VALUES (\(marks))
            """, new.map { row($0) })
        try connection.executeEach(
            "INSERT INTO contents (id, properties, headers, body) VALUES ($1, $2, $3, $4)",
            new.map { entry in
                let delivery = entry.record.delivery
                return [
                    .integer(entry.id),
                    .blob(FieldTableCodec.encode(StoredProperties.table(delivery.properties))),
                    .blob(
                        delivery.properties.headers.map(FieldTableCodec.encode)
                            ?? delivery.rawHeaders),
                    .blob(delivery.body),
                ]
            })
        try remember(copies: new.map { ($0.record.copyKey, $0.id) })
        try connection.executeEach(
            """
            INSERT INTO messages (message_key, id) VALUES ($1, $2)
            ON CONFLICT (message_key) DO UPDATE SET id = excluded.id
            """,
            new.compactMap { entry in
                entry.record.messageKey.map { [.blob($0), .integer(entry.id)] }
            })
        try KindStore(connection: connection, now: now, hasWebhook: hasWebhook).note(
            new.map { ($0.id, $0.record) })
        try Counts.note(
            new.map { entry in
                let story = entry.record.story
                return StateChange(
                    id: entry.id, queue: story.queue, reason: story.reason,
                    fingerprint: entry.record.fingerprint, from: nil, to: .open)
            }, in: connection)
    }

    private func row(_ entry: Placed) -> [SQLValue] {
        let (record, story) = (entry.record, entry.record.story)
        let properties = record.delivery.properties
        return [
            .integer(entry.id), .text(RecordState.open.rawValue), .text(story.origin.rawValue),
            .text(story.reason), .plain(story.detail), .plain(story.path),
            .text(record.fingerprint), .plain(properties.type), .plain(properties.messageID),
            .plain(story.queue), .plain(story.exchange), .plain(story.routingKey),
            .plain(story.consumer), .integer(story.attempts), .instant(story.firstFailedAt),
            .instant(story.lastFailedAt), .instant(now), .instant(now), .integer(1),
            .text(record.facts.requestID), .text(record.facts.orderID),
            .integer(Int64(record.delivery.body.count)), .integer(entry.replayOf), .null,
        ]
    }

    /// Ties dead letters to those whose replays they are.
    private func link(_ new: [Placed]) throws {
        let failed = new.filter { $0.replayOf != nil }
        guard !failed.isEmpty else { return }
        let linked = try connection.executeEach(
            "UPDATE dead_letters SET failed_again_as = $2 WHERE id = $1 AND failed_again_as IS NULL",
            failed.map { [.integer($0.replayOf), .integer($0.id)] })
        let first = zip(failed, linked).filter { $1 == 1 }.compactMap(\.0.replayOf)
        try RecordChanges(connection: connection, now: now)
            .failedAgain(try Record.load(first, in: connection))
    }
}
