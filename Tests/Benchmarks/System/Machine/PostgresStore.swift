import Foundation
import TestSupport

/// A database for each service on one private server, which waits for the disk at every commit.
struct PostgresStore: Store {
    /// As on a machine that the server has to share.
    private static let configuration = """
        shared_buffers = 1GB
        max_wal_size = 8GB
        synchronous_commit = on
        """

    let engine = Engine.postgres
    let directory: String
    private let server: PrivatePostgres

    static func start(in directory: String) async throws -> PostgresStore {
        let server = try await PrivatePostgres.start(configuration: configuration)
        let store = PostgresStore(directory: directory, server: server)
        for database in store.databases + ["dead-letters"] {
            try await server.sql("CREATE DATABASE \(Self.name(database))")
        }
        return store
    }

    var databases: [String] { Fleet.workers + ["orchestrator", "sandbox"] }

    func settings(of service: String) -> [String: String] {
        var settings = ["DATABASE_URL": server.url(Self.name(service))]
        if service == "orchestrator" { settings["SANDBOX_URL"] = server.url("sandbox") }
        return settings
    }

    func run(_ statements: [String], in database: String) async throws {
        try await server.sql(statements.joined(separator: ";\n"), in: Self.name(database))
    }

    func tables(of database: String) async throws -> [Table] {
        let rows = try await server.sql(
            """
            SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
            JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
            ORDER BY c.table_name, c.ordinal_position
            """, in: Self.name(database))
        var tables: [Table] = []
        for row in rows.split(separator: "\n") {
            let fields = row.split(separator: "|").map(String.init)
            guard fields.count == 3 else { continue }
            if tables.last?.name != fields[0] { tables.append(Table(name: fields[0], columns: [])) }
            let kind: Table.Kind =
                switch fields[2] {
                case "text": .text
                case "bytea": .blob
                default: .other
                }
            tables[tables.count - 1].columns.append((fields[1], kind))
        }
        return tables
    }

    func settle() async throws {
        for database in databases {
            try await server.sql("VACUUM ANALYZE", in: Self.name(database))
        }
        try await server.sql("CHECKPOINT")
    }

    /// Writes of its log that waited for the disk, for all databases.
    func serverSyncs() async throws -> Int {
        Int(try await server.sql("SELECT wal_sync FROM pg_stat_wal")) ?? 0
    }

    /// Of the sessions and helpers that live.
    func serverCPU() async throws -> Double {
        let file = "\(server.directory)/pid"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8),
            let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)),
            let list = try? String(
                contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        else { throw BenchmarkFailure("the private PostgreSQL has ended") }
        let children = list.split(separator: " ").compactMap { Int32($0) }
        return (children + [pid]).compactMap { ProcessFigures(pid: $0)?.cpuSeconds }.reduce(0, +)
    }

    func size() async throws -> Int {
        Int(try await server.sql("SELECT sum(pg_database_size(oid)) FROM pg_database")) ?? 0
    }

    func stop() async throws { try await server.stop() }

    private static func name(_ database: String) -> String { database.replacing("-", with: "_") }
}
