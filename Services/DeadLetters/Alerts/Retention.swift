import Database
import RefundMessages
import RefundService

/// Lets go of what is over for long enough. Open dead letters, and those being replayed, are kept for
/// good; so is the audit, which says how many were let go.
struct Retention: Sendable {
    /// Dead letters removed in one transaction, and between two looks.
    static let step: Int64 = 500
    static let interval: Duration = .seconds(60)

    let database: any Database
    let keep: [RecordState: Duration]
    let clock: @Sendable () -> Instant

    /// Removes everything that is due.
    func sweep() async throws {
        for (state, age) in keep.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            precondition(state != .open && state != .replaying, "open dead letters are kept")
            while try await remove(state, olderThan: age) == Self.step {}
        }
    }

    private func remove(_ state: RecordState, olderThan age: Duration) async throws -> Int64 {
        let now = clock()
        let before = now.milliseconds - age.components.seconds * 1_000
        return try await database.change { connection in
            let records = try connection.query(
                """
                SELECT \(Record.columns) FROM dead_letters
                WHERE state = '\(state.rawValue)' AND changed_at < $1
                ORDER BY changed_at LIMIT \(Self.step)\(connection.forUpdate)
                """, [.integer(before)]
            ).map { try Record($0) }
            guard !records.isEmpty else { return 0 }
            for table in ["dead_letters", "contents"] {
                try connection.executeEach(
                    "DELETE FROM \(table) WHERE id = $1", records.map { [.integer($0.id)] })
            }
            try Counts.note(records.map { $0.change(to: nil) }, in: connection)
            try Audit.add(.evict, by: Audit.service, at: now, in: connection) { json in
                json.field("state", state.rawValue)
                json.field("ids", records.map { String($0.id) })
            }
            return Int64(records.count)
        }
    }
}
