/// Brings a schema up to date, in one transaction.
enum PostgresMigration {
    /// Among all advisory locks: "refund" in ASCII. The second half is the schema's.
    private static let lock = "x'7265666e'::int"

    private static let record = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            number BIGINT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            applied_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
        )
        """

    /// Of several processes starting at once, one migrates and the others find it done.
    static func run(_ migrations: [Migration], _ connection: any SQLConnection) throws {
        _ = try connection.query(
            "SELECT pg_advisory_xact_lock(\(lock), hashtext(current_schema()))", [])
        try connection.execute(record, [])
        let recorded = try connection.query(
            "SELECT number, name FROM schema_migrations ORDER BY number", []
        ).map { (number: Int(try $0.integer(0)), name: try $0.text(1)) }
        for migration in try MigrationPlan.pending(known: migrations, recorded: recorded) {
            let guards = migration.appendOnly.flatMap(PostgresDialect.guards(of:))
            for statement in migration.statements.map(PostgresDialect.translated) + guards {
                try connection.execute(statement, [])
            }
            try connection.execute(
                "INSERT INTO schema_migrations (number, name) VALUES ($1, $2)",
                [.integer(Int64(migration.number)), .text(migration.name)])
        }
    }
}
