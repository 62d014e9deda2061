package import Database

/// Another instance wrote first what this transaction had found missing, so what it decided on is no
/// longer so.
///
/// A row that is not there cannot be locked. A body that is about to write one says so with
/// `ON CONFLICT DO NOTHING` (or a condition on the version that it saw), and throws this where the
/// row was not written.
package struct Overtaken: Error {
    package init() {}

    /// - Parameter counts: rows that each statement changed; one each, or another was first.
    package static func unlessOneEach(_ counts: [Int]) throws(Overtaken) {
        guard counts.allSatisfy({ $0 == 1 }) else { throw Overtaken() }
    }
}

/// How often a transaction that was overtaken is tried. The second time it finds the other's row and
/// locks it; more are needed only where rows come and go.
private let mostAttempts = 10

extension Database {
    /// As `write`. A body that throws ``Overtaken`` is undone and runs again, on what the other
    /// instance has committed.
    ///
    /// - Throws: `DatabaseError.unavailable` where it was overtaken ten times.
    package func transact<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        for _ in 0..<mostAttempts {
            do { return try await write(body) } catch is Overtaken { continue }
        }
        throw DatabaseError(
            .unavailable, "Other instances wrote the same rows first, \(mostAttempts) times over.")
    }
}
