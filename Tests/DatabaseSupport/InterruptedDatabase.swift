public import Database
import Synchronization

/// What an interrupted database throws: as if the process had died there.
public struct Interrupted: Error {
    init() {}
}

/// A database whose next transaction can be cut off before any of its statements, before its commit,
/// or after it, with nobody told that it was durable. A fake over a real one: a real process cannot be
/// had to die before each statement in turn.
public final class InterruptedDatabase: Database {
    private let base: any Database
    private let place = Mutex<Place?>(nil)

    /// Where a write is cut off.
    public enum Place: Sendable, Hashable {
        /// Before the statement of that number, from 1; the one after the last is the commit.
        case before(statement: Int)
        /// Durable, and nobody knows.
        case afterCommit
    }

    /// Over a real database.
    public init(_ base: any Database) { self.base = base }

    /// Cuts the next write off there; nil for none. What was not reached is still set.
    public var next: Place? {
        get { place.withLock { $0 } }
        set { place.withLock { $0 = newValue } }
    }

    /// Runs it as far as it may go.
    @discardableResult
    public func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        let place = next
        let limit: Int? = if case .before(let statement) = place { statement } else { nil }
        let (value, reached) = try await base.write { connection in
            let watched = WatchedConnection(connection) { statement throws(DatabaseError) in
                guard let limit, statement >= limit else { return }
                throw DatabaseError(.unavailable, "The test cut the connection.")
            }
            let result = Result { try body(watched) }
            if let limit, watched.count >= limit { throw Interrupted() }
            let value = try result.get()
            if let limit, watched.count + 1 == limit { throw Interrupted() }
            return (value, watched.count)
        }
        if place == .afterCommit, reached > 0 {
            next = nil
            throw Interrupted()
        }
        return value
    }

    /// As the real one.
    public func read<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T { try await base.read(body) }

    /// As the real one.
    public func close() async { await base.close() }
}
