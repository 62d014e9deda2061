public import Database
import Synchronization

/// What an interrupted database throws: as if the process had died there.
public struct Interrupted: Error {
    init() {}
}

/// A database that can be cut off before any statement, before any commit, or after one, with nobody
/// told that it was durable; from there on nothing goes any more. A fake over a real one: a real
/// process cannot be had to die before each statement in turn.
public final class InterruptedDatabase: Database {
    private struct Way {
        var passed = 0
        var end: Int?
        var isCut = false
    }

    private let base: any Database
    private let way = Mutex(Way())

    /// Over a real database.
    public init(_ base: any Database) { self.base = base }

    /// Cuts off what follows at that point; nil for nowhere.
    ///
    /// Points are counted from 1, over all transactions from here on: one before each statement, one
    /// before each commit, and one after it.
    public func cut(at point: Int?) { way.withLock { $0 = Way(end: point) } }

    /// Whether the point was reached.
    public var isCut: Bool { way.withLock { $0.isCut } }

    private func pass() throws(Interrupted) {
        way.withLock { way in
            way.passed += 1
            if way.passed == way.end { way.isCut = true }
        }
        try live()
    }

    private func live() throws(Interrupted) {
        if isCut { throw Interrupted() }
    }

    /// Runs it as far as it may go.
    @discardableResult
    public func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try live()
        let value = try await base.write { connection in
            let watched = WatchedConnection(connection) { _ throws(DatabaseError) in
                do {
                    try self.pass()
                } catch {
                    throw DatabaseError(.unavailable, "The test cut the connection.")
                }
            }
            let result = Result { try body(watched) }
            try self.live()
            let value = try result.get()
            try self.pass()
            return value
        }
        try pass()
        return value
    }

    /// As the real one.
    public func read<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try live()
        return try await base.read(body)
    }

    /// As the real one.
    public func close() async { await base.close() }
}
