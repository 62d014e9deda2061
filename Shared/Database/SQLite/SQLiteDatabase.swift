import GRDB
import Synchronization

/// A service's database in one SQLite file (WAL, `synchronous=FULL`), which several processes on one
/// machine may share.
///
/// Concurrent writes share commits: what arrives while one commit waits for the disk goes into the
/// next, each body in its own savepoint. Nobody hears of success before the commit is durable.
public final class SQLiteDatabase: Database {
    /// Bodies that share one commit at most: bounds how long the first of them waits for the last.
    public static let maximumBodiesPerCommit = 256
    /// How long a writer waits for another process's transaction before `.unavailable`.
    public static let defaultBusyTimeout: Duration = .seconds(5)

    private let pool: DatabasePool
    private let queue = WriteQueue()
    private let commits = Atomic<Int>(0)

    init(_ pool: DatabasePool) { self.pool = pool }

    /// Commits so far: with it a test or a metric tells how many writes share one.
    public var commitCount: Int { commits.load(ordering: .relaxed) }

    /// Runs `body` in a transaction that it may share with others, and returns once it is durable.
    @discardableResult
    public func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let write = PendingWrite(
                attempt: { connection in
                    do {
                        let value = try body(connection)
                        if let failure = connection.failure { throw failure }
                        return .kept { failure in
                            continuation.resume(
                                with: failure.map { .failure($0) } ?? .success(value))
                        }
                    } catch {
                        return .failed { continuation.resume(throwing: error) }
                    }
                },
                abandon: { continuation.resume(throwing: $0) })
            do {
                guard try queue.add(write) else { return }
            } catch {
                return continuation.resume(throwing: error)
            }
            pool.asyncWriteWithoutTransaction { [self] database in drain(database) }
        }
    }

    /// Runs `body` on one consistent snapshot, beside any writer.
    public func read<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        do {
            return try await pool.read { database in
                let connection = SQLiteConnection(database)
                let value = try body(connection)
                if let failure = connection.failure { throw failure }
                return value
            }
        } catch let error as GRDB.DatabaseError {
            throw error.isClosed ? DatabaseError.isClosed : SQLiteError.from(error)
        }
    }

    /// Waits for the writes that are in and for running reads, then closes the file.
    public func close() async {
        await queue.close()
        // A second close finds it closed already, which is what was asked for.
        try? pool.close()
    }

    private func drain(_ database: GRDB.Database) {
        let connection = SQLiteConnection(database)
        while true {
            let writes = queue.next(atMost: Self.maximumBodiesPerCommit)
            guard !writes.isEmpty else { return }
            commits.add(1, ordering: .relaxed)
            GroupCommit(database, connection).run(writes)
        }
    }
}

extension GRDB.DatabaseError {
    /// GRDB reports calls after `close()` as a misuse.
    fileprivate var isClosed: Bool { resultCode == .SQLITE_MISUSE }
}
