import GRDB

extension SQLiteDatabase {
    private static let record = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            number BIGINT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
        )
        """

    /// Runs what is missing in one exclusive transaction, so that of several processes starting at
    /// once one migrates and the others find it done.
    static func migrate(
        _ pool: DatabasePool, _ migrations: [Migration]
    ) throws(DatabaseError) {
        do {
            try pool.barrierWriteWithoutTransaction { database in
                try database.inTransaction(.exclusive) {
                    let connection = SQLiteConnection(database)
                    try connection.execute(record, [])
                    let rows = try connection.query(
                        "SELECT number, name FROM schema_migrations ORDER BY number", [])
                    let recorded = rows.compactMap { row -> (number: Int, name: String)? in
                        guard case .integer(let number) = row.values[0],
                            case .text(let name) = row.values[1]
                        else { return nil }
                        return (Int(number), name)
                    }
                    for migration in try MigrationPlan.pending(
                        known: migrations, recorded: recorded)
                    {
                        let guards = migration.appendOnly.flatMap(guards(of:))
                        for statement in migration.statements + guards {
                            try connection.execute(statement, [])
                        }
                        try connection.execute(
                            "INSERT INTO schema_migrations (number, name) VALUES ($1, $2)",
                            [.integer(Int64(migration.number)), .text(migration.name)])
                    }
                    return .commit
                }
            }
        } catch {
            throw SQLiteError.from(error)
        }
    }

    /// What refuses to change or remove a row of that table.
    private static func guards(of table: String) -> [String] {
        ["UPDATE", "DELETE"].map { change in
            """
            CREATE TRIGGER \(table)_no_\(change.lowercased()) BEFORE \(change) ON \(table) BEGIN
                SELECT RAISE(ABORT, '\(table) can only be added to');
            END
            """
        }
    }
}
