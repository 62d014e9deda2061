/// A service's database on PostgreSQL, which many instances may share.
///
/// Every connection belongs to a thread of its own, which runs bodies one after another and drives
/// libpq without ever blocking in it. Writers run at once and commit each for themselves: a body is a
/// whole delivery batch already, PostgreSQL lets concurrent commits share one write to its log, and
/// bodies that shared a transaction would hold each other's locks in an order that nobody chose.
public final class PostgresDatabase: Database {
    private let pool: PostgresPool

    init(_ pool: PostgresPool) { self.pool = pool }

    /// What the engine did so far.
    public var counts: PostgresCounts.Snapshot { pool.counts.now }

    /// Runs `body` in a transaction (READ COMMITTED: what it decides on, it locks) and returns once
    /// it is durable.
    ///
    /// - Throws: `.unavailable` where the server is away or slow for longer than the options allow,
    ///   or where a COMMIT's answer was lost and nobody can say whether it took effect.
    @discardableResult
    public func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try await run(.write, body)
    }

    /// Runs `body` on one consistent snapshot (REPEATABLE READ, READ ONLY).
    public func read<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try await run(.read, body)
    }

    /// Waits for the transactions that are in, then closes the connections.
    public func close() async { await pool.close() }

    /// A cancelled task's transaction goes on: what becomes of it is known and not guessed, and every
    /// wait in it has its end.
    private func run<T: Sendable>(
        _ mode: PostgresConnection.Mode,
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        let deadline = ContinuousClock.now + pool.options.waitTimeout
        return try await withCheckedThrowingContinuation { continuation in
            let job = PostgresPool.Job(
                run: { session in
                    let result = session.run(mode, until: deadline, body)
                    return { continuation.resume(with: result) }
                },
                abandon: { continuation.resume(throwing: $0) })
            pool.submit(job, until: deadline)
        }
    }
}
