import Glibc

/// What one thread of the pool does: transactions, one after another, on a connection that it makes
/// again where it was lost.
final class PostgresSession {
    private let uri: PostgresURI
    private let options: PostgresOptions
    private let counts: PostgresCounts
    private var link: PostgresLink?

    init(_ uri: PostgresURI, _ options: PostgresOptions, _ counts: PostgresCounts) {
        self.uri = uri
        self.options = options
        self.counts = counts
    }

    /// Runs the body in a transaction until it is durable, failed for good, or out of attempts.
    ///
    /// - Parameters:
    ///   - deadline: no connection is waited for beyond it, and nothing is tried again.
    func run<T>(
        _ mode: PostgresConnection.Mode, until deadline: ContinuousClock.Instant,
        _ body: (any SQLConnection) throws -> T
    ) -> Result<T, any Error> {
        var attempt = 1
        while true {
            do throws(PostgresFailure) {
                let link = try connected(until: deadline)
                try link.makeRoom()
                switch try once(link, mode, body, until: deadline) {
                case .ended(let result): return result
                case .again(let failure): throw failure
                }
            } catch {
                if link?.isUsable == false || error.kind == .lost { link = nil }
                guard error.kind != .final, attempt < PostgresLimits.attempts,
                    ContinuousClock.now < deadline
                else { return .failure(error.error) }
                counts.retry(error.kind)
                Self.pause(attempt)
                attempt += 1
            }
        }
    }

    private enum Ending<T> {
        case ended(Result<T, any Error>)
        /// Nothing of it is kept, and repeated it may go well.
        case again(PostgresFailure)
    }

    private func once<T>(
        _ link: PostgresLink, _ mode: PostgresConnection.Mode,
        _ body: (any SQLConnection) throws -> T, until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) -> Ending<T> {
        let connection = PostgresConnection(link, mode, counts)
        let result = Result { try body(connection) }
        if let failure = connection.failure {
            if link.isUsable, failure.kind != .lost { try link.run("ROLLBACK") }
            guard failure.kind == .final else { return .again(failure) }
            guard case .failure = result else { return .ended(.failure(failure.error)) }
            return .ended(result)
        }
        guard connection.hasBegun else { return .ended(result) }
        switch (mode, result) {
        case (.read, _), (_, .failure):
            // Whatever becomes of this, nothing is kept, and the body's word stands.
            do throws(PostgresFailure) { try link.run("ROLLBACK") } catch { self.link = nil }
            return .ended(result)
        case (.write, .success):
            counts.roundTrip()
            guard let failure = try commit(link, connection.transaction, until: deadline) else {
                counts.commit()
                return .ended(result)
            }
            return failure.kind == .final ? .ended(.failure(failure.error)) : .again(failure)
        }
    }

    /// - Returns: nil once the transaction is durable; else why it certainly is not.
    /// - Throws: never a `lost` failure whose transaction might be durable.
    private func commit(
        _ link: PostgresLink, _ transaction: String?, until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) -> PostgresFailure? {
        do throws(PostgresFailure) {
            let tag = try link.run("COMMIT")
            guard tag == "COMMIT" else {
                return PostgresFailure(
                    .final, .statement, "PostgreSQL gave up the transaction: \(tag).")
            }
            return nil
        } catch {
            guard error.kind == .lost else { return error }
            self.link = nil
            let inquiry = PostgresInquiry(transaction: transaction, epoch: link.epoch)
            return try inquiry.settle(until: deadline, because: error) {
                () throws(PostgresFailure) in
                try connected(until: deadline)
            }
        }
    }

    /// The connection, made where it is missing: again and again, ever more rarely, until the
    /// deadline.
    private func connected(
        until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) -> PostgresLink {
        if let link, link.isUsable { return link }
        link = nil
        var attempt = 1
        while true {
            do throws(PostgresFailure) {
                let link = try PostgresLink.connect(uri, options)
                self.link = link
                counts.connection()
                return link
            } catch {
                guard error.error.code == .unavailable, ContinuousClock.now < deadline else {
                    throw PostgresFailure(.final, error.error.code, error.error.message)
                }
                Self.pause(attempt)
                attempt += 1
            }
        }
    }

    /// Waits, the longer the more attempts there were, and never as long as the neighbours do.
    static func pause(_ attempt: Int) {
        let doubled = PostgresLimits.firstPause * (1 << min(attempt - 1, 10))
        let pause = min(doubled, PostgresLimits.longestPause)
        usleep(UInt32(pause / .microseconds(1) * Double.random(in: 0.5...1.5)))
    }
}
