import Database
import Foundation
import Testing

/// The engines that the conformance suite runs over.
enum Engine: String, CaseIterable, CustomTestStringConvertible {
    case sqlite

    var testDescription: String { rawValue }
}

/// A database of its own for one test, gone with it.
final class Scratch: Sendable {
    let engine: Engine
    let path: String
    private let directory: URL

    init(_ engine: Engine = .sqlite) throws {
        self.engine = engine
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("refund-database-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        path = directory.appendingPathComponent("test.sqlite").path
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// Opens it with the table the suite works on: `items(id, value, data)`.
    func open(
        _ migrations: [Migration] = [.items], busyTimeout: Duration = .seconds(5)
    ) async throws -> any Database {
        switch engine {
        case .sqlite:
            try await SQLiteDatabase.open(
                path: path, migrations: migrations, busyTimeout: busyTimeout)
        }
    }
}

/// A database together with the directory that it lives in.
struct Kept: Sendable {
    let value: any Database
    let scratch: Scratch
}

extension Scratch {
    func openKeeping() async throws -> Kept { Kept(value: try await open(), scratch: self) }
}

extension Migration {
    static let items = Migration(
        1, "items",
        [
            """
            CREATE TABLE items (
                id BIGINT NOT NULL PRIMARY KEY, value TEXT NOT NULL, data BLOB,
                parent BIGINT REFERENCES items (id))
            """
        ])
}

extension Database {
    func insert(_ ids: ClosedRange<Int>, value: String = "v") async throws {
        try await write { connection in
            try connection.executeEach(
                "INSERT INTO items (id, value) VALUES ($1, $2)",
                ids.map { [.integer(Int64($0)), .text(value)] })
        }
    }

    func count() async throws -> Int64 {
        try await read { try $0.query("SELECT count(*) FROM items", [])[0].integer(0) }
    }
}
