extension PostgresDatabase {
    /// Connects, and runs the migrations that the database has not been through.
    ///
    /// - Throws: `.unusable` where we may not log in, the server's certificate is not the right one,
    ///   or the database is of a newer version; `.unavailable` where no server answers in time.
    public static func open(
        _ uri: PostgresURI, migrations: [Migration], options: PostgresOptions = PostgresOptions()
    ) async throws(DatabaseError) -> PostgresDatabase {
        let pool = PostgresPool(uri, options)
        do {
            try await migrate(pool, uri, migrations)
            return PostgresDatabase(pool)
        } catch {
            await pool.close()
            let error = error as? DatabaseError ?? DatabaseError(.statement, "\(error)")
            throw DatabaseError(
                error.code, "The database \(uri) cannot be used. \(error.message)")
        }
    }

    /// On a connection of its own, whose statements may take long.
    private static func migrate(
        _ pool: PostgresPool, _ uri: PostgresURI, _ migrations: [Migration]
    ) async throws {
        let deadline = ContinuousClock.now + pool.options.waitTimeout
        var patient = pool.options
        patient.statementTimeout = PostgresLimits.migrationTimeout
        patient.lockTimeout = PostgresLimits.migrationTimeout
        try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Void, any Error>) in
            let job = PostgresPool.Job(
                run: { [patient, counts = pool.counts] _ in
                    let session = PostgresSession(uri, patient, counts)
                    let result = session.run(.write, until: deadline) { connection in
                        try PostgresMigration.run(migrations, connection)
                    }
                    return { continuation.resume(with: result) }
                },
                abandon: { continuation.resume(throwing: $0) })
            pool.submit(job, until: deadline)
        }
    }
}
