import Database
import Synchronization

/// A database that can be away. A fake over a real one: a real one cannot be had to fail on demand.
final class FlakyDatabase: Database {
    private let base: any Database
    private let away = Mutex(false)

    init(_ base: any Database) { self.base = base }

    /// Whether every call fails.
    var isAway: Bool {
        get { away.withLock { $0 } }
        set { away.withLock { $0 = newValue } }
    }

    private func check() throws {
        if isAway { throw DatabaseError(.unavailable, "The test's database is away.") }
    }

    func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try check()
        return try await base.write(body)
    }

    func read<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try check()
        return try await base.read(body)
    }

    func close() async {}
}
