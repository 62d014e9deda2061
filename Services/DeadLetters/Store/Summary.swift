import Database
import RefundMessages

/// How many dead letters there are, by queue, reason and state, from the kept counts.
struct Summary: Sendable, JSONWritable {
    struct Tally: Sendable {
        var queue: String?
        var reason: String
        var state: RecordState
        var count: Int64
    }

    /// Combinations that are told, the largest first.
    private static let maximumTallies = 1_000

    var tallies: [Tally]
    var total: Int64
    var open: Int64
    /// When the one that is open for longest arrived.
    var oldestOpenAt: Instant?

    init(in connection: any SQLConnection) throws {
        tallies = try connection.query(
            """
            SELECT queue, reason, state, count FROM tallies WHERE count > 0
            ORDER BY count DESC, queue, reason, state LIMIT \(Self.maximumTallies)
            """, []
        ).map { row in
            let queue = try row.text(0)
            return Tally(
                queue: queue.isEmpty ? nil : queue, reason: try row.text(1),
                state: try row.choice(2), count: try row.integer(3))
        }
        let sums = try connection.query(
            """
            SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN state = 'open' THEN count ELSE 0 END), 0) AS BIGINT)
            FROM tallies
            """, [])
        total = try sums.first?.integer(0) ?? 0
        open = try sums.first?.integer(1) ?? 0
        oldestOpenAt = try connection.query(
            "SELECT received_at FROM dead_letters WHERE state = 'open' ORDER BY id LIMIT 1", []
        ).first?.instant(0)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("total", total)
            json.field("open", open)
            json.field("oldestOpenAt", oldestOpenAt)
            json.name("counts")
            json.array { json in
                for tally in tallies {
                    json.object { json in
                        json.field("queue", tally.queue)
                        json.field("reason", tally.reason)
                        json.field("state", tally.state.rawValue)
                        json.field("count", tally.count)
                    }
                }
            }
        }
    }
}
