import GRDB

/// One `BEGIN IMMEDIATE` … `COMMIT` for several writes.
struct GroupCommit {
    private let database: GRDB.Database
    private let connection: SQLiteConnection

    init(_ database: GRDB.Database, _ connection: SQLiteConnection) {
        self.database = database
        self.connection = connection
    }

    /// Runs all and tells each caller what became of it, after the commit.
    func run(_ writes: [PendingWrite]) {
        do {
            try database.beginTransaction(.immediate)
        } catch {
            let error = SQLiteError.from(error)
            for write in writes { write.abandon(error) }
            return
        }
        var attempts: [PendingWrite.Attempt] = []
        attempts.reserveCapacity(writes.count)
        for write in writes {
            attempts.append(attempt(write))
            // A full disk or an I/O error ends the whole transaction from inside a body.
            guard database.isInsideTransaction else { break }
        }
        let failure = commit()
        for attempt in attempts {
            switch attempt {
            case .kept(let tell): tell(failure)
            case .failed(let tell): tell()
            }
        }
        let lost = DatabaseError(.storage, "SQLite gave up the transaction before this write.")
        for write in writes.dropFirst(attempts.count) { write.abandon(failure ?? lost) }
    }

    private func attempt(_ write: PendingWrite) -> PendingWrite.Attempt {
        do throws(DatabaseError) {
            connection.startBody()
            try connection.execute("SAVEPOINT body", [])
        } catch {
            return .failed { write.abandon(error) }
        }
        let attempt = write.attempt(connection)
        guard database.isInsideTransaction else { return attempt }
        do throws(DatabaseError) {
            connection.startBody()
            if case .failed = attempt { try connection.execute("ROLLBACK TO body", []) }
            try connection.execute("RELEASE body", [])
            return attempt
        } catch {
            // What the body left cannot be told apart any more from its neighbours' changes.
            try? database.rollback()
            return .failed { write.abandon(error) }
        }
    }

    private func commit() -> DatabaseError? {
        guard database.isInsideTransaction else {
            return DatabaseError(
                .storage, "SQLite gave up the transaction: no space, or an I/O error.")
        }
        do {
            try database.commit()
            return nil
        } catch {
            try? database.rollback()
            return SQLiteError.from(error)
        }
    }
}
