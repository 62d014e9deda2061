import AMQP
import Database
import RefundMessages
import RefundService

/// The groups of dead letters: one for each fingerprint ever seen. The first dead letter of its kind
/// is announced.
struct KindStore {
    let connection: any SQLConnection
    let now: Instant
    let hasWebhook: Bool

    /// Makes groups for new dead letters, without counting them.
    func note(_ records: [(id: Int64, record: NewRecord)]) throws {
        var last: [String: Int64] = [:]
        var first: [String: (id: Int64, record: NewRecord)] = [:]
        for (id, record) in records {
            last[record.fingerprint] = max(last[record.fingerprint] ?? 0, id)
            first[record.fingerprint] = first[record.fingerprint] ?? (id, record)
        }
        let entries = first.values.sorted { $0.id < $1.id }
        let known = try connection.queryEach(
            "SELECT 1 FROM kinds WHERE fingerprint = $1",
            entries.map { [.text($0.record.fingerprint)] })
        try connection.executeEach(
            """
            INSERT INTO kinds (fingerprint, reason, path, type, total, open, replaying, replayed,
                resolved, discarded, first_at, last_at, last_id)
            VALUES ($1, $2, $3, $4, 0, 0, 0, 0, 0, 0, $5, $5, $6)
            ON CONFLICT (fingerprint) DO UPDATE
            SET last_at = excluded.last_at, last_id = excluded.last_id
            """,
            entries.map { _, record in
                [
                    .text(record.fingerprint), .text(record.story.reason), .plain(record.place),
                    .plain(record.delivery.properties.type), .instant(now),
                    .integer(last[record.fingerprint]),
                ]
            })
        try connection.executeEach(
            """
            INSERT INTO alerts (record_id, document, event_due, webhook_due, attempts, due_at)
            VALUES ($1, $2, 1, $3, 0, $4)
            """,
            zip(entries, known).filter { $1.isEmpty }.map { entry, _ in
                [
                    .integer(entry.id), .blob(announcement(entry.id, entry.record)),
                    .flag(hasWebhook), .instant(now),
                ]
            })
    }

    /// The event: nothing of the body is in it.
    private func announcement(_ id: Int64, _ record: NewRecord) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.field("fingerprint", record.fingerprint)
            json.field("reason", record.story.reason)
            json.field("detail", record.story.detail)
            json.field("path", record.place)
            json.field("type", record.delivery.properties.type)
            json.field("queue", record.story.queue)
            json.field("exampleId", String(id))
            json.field("firstAt", now)
        }
        return json.bytes
    }
}
