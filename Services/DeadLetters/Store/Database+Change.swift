import Database

extension Database {
    /// A transaction that changes the store, alone among all instances of the service, as on SQLite
    /// anyway.
    ///
    /// Counts, jobs and states are rows that everything changes, and ids have to grow with the time of
    /// arrival: instances that took turns at each of those rows would wait for each other crosswise.
    /// So each takes the same row first, and sees what the one before it committed.
    @discardableResult
    func change<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try await write { connection in
            if !connection.forUpdate.isEmpty {
                _ = try connection.query(
                    "SELECT value FROM counters WHERE name = 'dead_letters'\(connection.forUpdate)",
                    [])
            }
            return try body(connection)
        }
    }
}
