/// What became of a transaction whose COMMIT was sent and not answered: the server knows.
struct PostgresInquiry {
    /// Its `xid8`.
    let transaction: String?
    /// The server's epoch when the transaction ran.
    let epoch: String

    /// Asks until there is an answer.
    ///
    /// - Returns: nil where it is durable; `loss` where nothing of it is kept.
    /// - Throws: a final failure that says that nobody can tell, so that the caller repeats its
    ///   message: what it does is idempotent, and is not done twice here behind its back.
    func settle(
        until deadline: ContinuousClock.Instant, because loss: PostgresFailure,
        _ connect: () throws(PostgresFailure) -> PostgresLink
    ) throws(PostgresFailure) -> PostgresFailure? {
        guard let transaction else { throw unknown(loss) }
        var attempt = 1
        while true {
            do throws(PostgresFailure) {
                let link = try connect()
                switch try status(of: transaction, link) {
                case .text("aborted"): return loss
                case .text("committed") where link.epoch == epoch: return nil
                case .text("in progress"): try end(transaction, link)
                default: throw unknown(loss)
                }
            } catch {
                guard error.kind == .lost else { throw unknown(error) }
            }
            guard ContinuousClock.now < deadline else { throw unknown(loss) }
            PostgresSession.pause(attempt)
            attempt += 1
        }
    }

    private func status(
        of transaction: String, _ link: PostgresLink
    ) throws(PostgresFailure) -> SQLValue? {
        do throws(PostgresFailure) {
            return try link.ask("SELECT pg_xact_status('\(transaction)'::xid8)").first
        } catch {
            // After a crash: the id "is in the future", so it was never written.
            guard error.state == "22023" else { throw error }
            return .text("aborted")
        }
    }

    /// The server has not noticed that its client is gone: ends that session, which commits or
    /// aborts.
    private func end(_ transaction: String, _ link: PostgresLink) throws(PostgresFailure) {
        _ = try link.ask(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE backend_xid = '\(transaction)'::xid8::xid
            """)
    }

    private func unknown(_ failure: PostgresFailure) -> PostgresFailure {
        PostgresFailure(
            .final, .unavailable,
            "The connection was lost during COMMIT, and whether the transaction was kept could not "
                + "be learnt; do the same again. \(failure.error.message)")
    }
}
