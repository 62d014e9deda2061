public import Database
import Dispatch
import Synchronization

/// A database whose next transaction stands still before one of its statements until it is let go, so
/// that another instance can be sure to go first. Not for SQLite, where others wait for its end.
public final class PausedDatabase: Database {
    private let base: any Database
    private let statement = Mutex<Int?>(nil)
    private let standing = AsyncStream.makeStream(of: Void.self)
    private let gate = DispatchSemaphore(value: 0)

    /// Over a real database.
    public init(_ base: any Database) { self.base = base }

    /// Has the next write stand still before its statement of that number, from 1.
    public func pause(before statement: Int) { self.statement.withLock { $0 = statement } }

    /// Waits until it does.
    public func reached() async {
        for await _ in standing.stream { return }
    }

    /// Lets it go.
    public func release() { gate.signal() }

    /// Stands still where it was told to, once, and for half a minute at most.
    @discardableResult
    public func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        let pause = statement.withLock { statement in
            defer { statement = nil }
            return statement
        }
        let isSpent = Mutex(false)
        return try await base.write { [standing, gate] connection in
            let watched = WatchedConnection(connection) { statement in
                guard statement == pause, !isSpent.withLock({ $0 }) else { return }
                isSpent.withLock { $0 = true }
                standing.continuation.yield()
                _ = gate.wait(timeout: .now() + .seconds(30))
            }
            return try body(watched)
        }
    }

    /// As the real one.
    public func read<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T { try await base.read(body) }

    /// As the real one.
    public func close() async { await base.close() }
}
