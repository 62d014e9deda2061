import Foundation
import GRDB
import Glibc

extension SQLiteDatabase {
    /// Connections that read beside the writer.
    static let readers = 4
    /// Pages (4 KiB) in the write-ahead log before a commit copies them into the file.
    static let checkpointPages = 4_000
    /// How often opening is tried while other processes open, migrate or check the same file.
    static let openAttempts = 12

    /// Opens the file, makes it and its directory where they are missing, and runs the migrations
    /// that it has not been through.
    ///
    /// - Throws: `.unusable` for a file that is no database or of a newer version, `.storage` where it
    ///   cannot be made or written, `.unavailable` where others keep it locked for a minute.
    public static func open(
        path: String, migrations: [Migration], busyTimeout: Duration = defaultBusyTimeout
    ) async throws(DatabaseError) -> SQLiteDatabase {
        var attempt = 1
        while true {
            do throws(DatabaseError) {
                let pool = try connect(path, busyTimeout: busyTimeout)
                try migrate(pool, migrations)
                return SQLiteDatabase(pool)
            } catch {
                guard error.code == .unavailable, attempt < openAttempts else {
                    throw DatabaseError(
                        error.code, "The database \(path) cannot be used. \(error.message)")
                }
                attempt += 1
            }
        }
    }

    private static func connect(
        _ path: String, busyTimeout: Duration
    ) throws(DatabaseError) -> DatabasePool {
        var configuration = Configuration()
        configuration.maximumReaderCount = readers
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .callback(patience(busyTimeout))
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(checkpointPages)")
            // Else INSERT OR REPLACE would remove rows unseen by what guards append-only tables.
            try database.execute(sql: "PRAGMA recursive_triggers = ON")
        }
        do {
            let directory = URL(fileURLWithPath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true)
        } catch {
            throw DatabaseError(.storage, "Its directory cannot be made: \(error).")
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets NORMAL in WAL mode, with which a power cut loses commits.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return pool
        } catch {
            throw SQLiteError.from(error)
        }
    }

    /// Asks again after about a millisecond, so that a waiting process gets its turn between two
    /// commits of a busy one; SQLite's own handler soon waits 100 ms between its looks.
    private static func patience(_ timeout: Duration) -> @Sendable (Int) -> Bool {
        let tries = Int(timeout / .milliseconds(1))
        return { tried in
            guard tried < tries else { return false }
            usleep(.random(in: 500...1_500))
            return true
        }
    }
}
