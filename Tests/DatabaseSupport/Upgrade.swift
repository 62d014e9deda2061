public import Database

/// A database that an earlier version of a service made and used, opened by this version.
public struct Upgrade: Sendable {
    /// What the earlier version left, by table: each row's values, sorted.
    public let before: [String: [String]]
    /// The same columns of the same tables now.
    public let after: [String: [String]]
    /// At the last version.
    public let database: any Database
    /// Closes the database at its end.
    private let scratch: StoreScratch

    /// Makes a database of the first `version` migrations, puts a row into each of its tables that
    /// `prepare` left empty, and opens it with all.
    public static func make(
        _ migrations: [Migration], from version: Int, in scratch: StoreScratch,
        prepare: @escaping @Sendable (any SQLConnection) throws -> Void = { _ in }
    ) async throws -> Upgrade {
        let name = "upgraded_from_\(version)"
        let engine = scratch.engine
        let earlier = try await scratch.open(name, Array(migrations.prefix(version)))
        let tables = try await earlier.write { connection in
            try prepare(connection)
            return try filled(engine, connection)
        }
        let before = try await earlier.read { try contents(tables, $0) }
        await earlier.close()
        let database = try await scratch.open(name, migrations)
        let after = try await database.read { try contents(tables, $0) }
        return Upgrade(before: before, after: after, database: database, scratch: scratch)
    }

    /// Puts a row into each empty table.
    /// - Returns: the tables.
    private static func filled(
        _ engine: Engine, _ connection: any SQLConnection
    ) throws -> [String: [Column]] {
        let tables = try Self.tables(engine, connection)
        for (table, columns) in tables { try fill(table, columns, connection) }
        return tables
    }

    private static func fill(
        _ table: String, _ columns: [Column], _ connection: any SQLConnection
    ) throws {
        guard try connection.query("SELECT 1 FROM \(table) LIMIT 1", []).isEmpty else { return }
        let places = (1...columns.count).map { "$\($0)" }.joined(separator: ", ")
        try connection.execute(
            """
            INSERT INTO \(table) (\(columns.map(\.name).joined(separator: ", ")))
            VALUES (\(places))
            """, columns.map(\.example))
    }

    private struct Column: Sendable {
        let name: String
        let example: SQLValue
    }

    private static func tables(
        _ engine: Engine, _ connection: any SQLConnection
    ) throws -> [String: [Column]] {
        let query =
            switch engine {
            case .sqlite:
                """
                SELECT t.name, c.name, lower(c.type) FROM sqlite_schema t, pragma_table_info(t.name) c
                WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid
                """
            case .postgres:
                """
                SELECT table_name::text, column_name::text, data_type::text
                FROM information_schema.columns WHERE table_schema = current_schema()
                ORDER BY table_name, ordinal_position
                """
            }
        var tables: [String: [Column]] = [:]
        for row in try connection.query(query, []) {
            let table = try row.text(0)
            guard table != "schema_migrations" else { continue }
            let example: SQLValue =
                switch try row.text(2) {
                case "text": .text("an earlier version's")
                case "blob", "bytea": .blob([0, 1, 0xFF])
                default: .integer(1)
                }
            tables[table, default: []].append(Column(name: try row.text(1), example: example))
        }
        return tables
    }

    private static func contents(
        _ tables: [String: [Column]], _ connection: any SQLConnection
    ) throws -> [String: [String]] {
        try tables.reduce(into: [:]) { contents, table in
            let columns = table.value.map(\.name).joined(separator: ", ")
            contents[table.key] = try connection.query(
                "SELECT \(columns) FROM \(table.key)", []
            ).map { "\($0.values)" }.sorted()
        }
    }
}
