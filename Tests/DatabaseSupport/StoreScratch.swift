public import Database
import Foundation
import Synchronization

/// The databases of one test, gone with it. Opened under the same name twice, a database has two
/// instances of its service.
public final class StoreScratch: Sendable {
    /// What its databases are of.
    public let engine: Engine
    private let directory: URL
    /// Of its own among the schemas of the server's one database.
    private let schema = "s\(UInt64.random(in: 0 ... .max))_"
    private let opened = Mutex<[any Database]>([])

    /// - Parameter engine: by default the one that the test is for.
    public init(_ engine: Engine = .current) async throws {
        self.engine = engine
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("refund-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit {
        let opened = opened.withLock { $0 }
        let directory = directory
        Task {
            for database in opened { await database.close() }
            try? FileManager.default.removeItem(at: directory)
        }
    }

    /// Opens the database of that name, making it where there is none.
    ///
    /// Inlined, it crashes the optimizer of Swift 6.3.1, and release builds have this target too.
    @inline(never)
    public func open(_ name: String, _ migrations: [Migration]) async throws -> any Database {
        let database = try await open(DatabaseLocation.parse(url(name)), migrations)
        opened.withLock { $0.append(database) }
        return database
    }

    /// Tests that crowd on one row, on a machine that stands still, may wait longer than a service.
    private static let patience = Duration.seconds(60)

    private func open(
        _ location: DatabaseLocation, _ migrations: [Migration]
    ) async throws -> any Database {
        switch location {
        case .sqlite(let path):
            return try await SQLiteDatabase.open(
                path: path, migrations: migrations, busyTimeout: Self.patience)
        case .postgres(let uri):
            var options = PostgresOptions()
            options.lockTimeout = Self.patience
            options.statementTimeout = Self.patience
            options.waitTimeout = Self.patience
            return try await PostgresDatabase.open(uri, migrations: migrations, options: options)
        }
    }

    /// Where it is, as `DATABASE_URL` says it.
    public func url(_ name: String) async throws -> String {
        switch engine {
        case .sqlite:
            "sqlite://" + directory.appendingPathComponent("\(name).sqlite").path
        case .postgres:
            try await TestServer.url(schema: schema + name)
        }
    }
}

extension Database {
    /// Everything that is in those tables, so that two states can be compared.
    public func contents(of tables: [String]) async throws -> [String: [String]] {
        try await read { connection in
            var contents: [String: [String]] = [:]
            for table in tables {
                contents[table] = try connection.query("SELECT * FROM \(table)", [])
                    .map { "\($0.values)" }.sorted()
            }
            return contents
        }
    }
}
