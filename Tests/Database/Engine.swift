import Database
import Foundation
import TestSupport
import Testing

/// The engines that the conformance suite runs over.
enum Engine: String, CaseIterable, CustomTestStringConvertible {
    case sqlite
    case postgres

    var testDescription: String { rawValue }
}

/// A database of its own for one test, gone with it.
final class Scratch: Sendable {
    let engine: Engine
    /// The file, or the URL.
    let place: String
    private let directory: URL?

    init(_ engine: Engine) async throws {
        self.engine = engine
        guard engine == .sqlite else {
            place = try await PrivatePostgres.shared().makeDatabase()
            directory = nil
            return
        }
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("refund-database-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        self.directory = directory
        place = directory.appendingPathComponent("test.sqlite").path
    }

    deinit { if let directory { try? FileManager.default.removeItem(at: directory) } }

    /// Opens it with the table the suite works on: `items(id, value, data)`.
    ///
    /// - Parameter lockTimeout: how long a writer waits for another one; by default longer than any
    ///   machine stands still.
    func open(
        _ migrations: [Migration] = [.items], lockTimeout: Duration = .seconds(60)
    ) async throws -> any Database {
        switch engine {
        case .sqlite:
            return try await SQLiteDatabase.open(
                path: place, migrations: migrations, busyTimeout: lockTimeout)
        case .postgres:
            var options = PostgresOptions()
            options.lockTimeout = lockTimeout
            options.statementTimeout = max(options.statementTimeout, lockTimeout)
            options.waitTimeout = max(options.waitTimeout, lockTimeout)
            return try await PostgresDatabase.open(
                PostgresURI(place), migrations: migrations, options: options)
        }
    }

    /// How errors name it.
    var shownPlace: String {
        engine == .sqlite ? place : place.split(separator: "/").last.map(String.init) ?? place
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
