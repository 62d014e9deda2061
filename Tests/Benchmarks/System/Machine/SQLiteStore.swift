import Foundation
import GRDB

/// A file for each service.
struct SQLiteStore: Store {
    let engine = Engine.sqlite
    let directory: String

    var databases: [String] { Fleet.workers + ["orchestrator", "sandbox"] }

    func settings(of service: String) -> [String: String] { [:] }

    func run(_ statements: [String], in database: String) async throws {
        try await open(database).writeWithoutTransaction { connection in
            for statement in statements { try connection.execute(sql: statement) }
        }
    }

    func tables(of database: String) async throws -> [Table] {
        try await open(database).read { connection in
            let names = try String.fetchAll(
                connection,
                sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL")
            return try names.filter { !$0.hasPrefix("sqlite_") }.map { name in
                let columns = try connection.columns(in: name)
                return Table(
                    name: name, columns: columns.map { ($0.name, Self.kind($0.type)) })
            }
        }
    }

    func settle() async throws {
        for database in databases {
            try await run(["PRAGMA wal_checkpoint(TRUNCATE)"], in: database)
        }
    }

    func serverSyncs() async throws -> Int { 0 }

    func serverCPU() async throws -> Double { 0 }

    func size() async throws -> Int {
        let files = try FileManager.default.contentsOfDirectory(atPath: directory)
        return files.reduce(0) { sum, file in
            let about = try? FileManager.default.attributesOfItem(atPath: "\(directory)/\(file)")
            return sum + (about?[.size] as? Int ?? 0)
        }
    }

    func stop() async throws {}

    private func open(_ database: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(30)
        // What the machine's end would cost is a benchmark's data.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF") }
        return try DatabaseQueue(
            path: "\(directory)/\(database).sqlite", configuration: configuration)
    }

    private static func kind(_ type: String) -> Table.Kind {
        switch type.uppercased() {
        case "TEXT": .text
        case "BLOB": .blob
        default: .other
        }
    }
}
