import Database
import RefundMessages
import RefundService

/// Work that one instance of several does at a time. Whoever has it keeps it as long as it says so
/// again in time; after a crash the next takes it once its time is over. Instances' clocks may differ
/// by less than that.
struct Lease: Sendable {
    /// Milliseconds for which it is taken.
    static let time: Int64 = 5_000

    /// What is done under it.
    let name: String
    /// Of this process alone.
    let holder = SystemSecret.hex(bytes: 8)
    let database: any Database
    let clock: @Sendable () -> Instant

    /// Takes it, or keeps it; whether this instance has it now.
    func hold() async throws -> Bool {
        let now = clock().milliseconds
        let arguments: [SQLValue] = [
            .text(name), .text(holder), .integer(now + Self.time), .integer(now),
        ]
        // A look first, so that it is not written each time.
        let isHeld = try await database.read { connection in
            try !connection.query(
                "SELECT 1 FROM leases WHERE name = $1 AND holder = $2 AND held_until > $3",
                [.text(name), .text(holder), .integer(now + Self.time / 2)]
            ).isEmpty
        }
        if isHeld { return true }
        return try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO leases (name, holder, held_until) VALUES ($1, $2, $3)
                ON CONFLICT (name) DO UPDATE
                SET holder = excluded.holder, held_until = excluded.held_until
                WHERE leases.holder = excluded.holder OR leases.held_until <= $4
                """, arguments) == 1
        }
    }

    /// Lets another have it at once.
    func release() async throws {
        try await database.write { connection in
            try connection.execute(
                "DELETE FROM leases WHERE name = $1 AND holder = $2", [.text(name), .text(holder)])
        }
    }
}
