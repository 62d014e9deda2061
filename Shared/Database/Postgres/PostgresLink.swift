import CPostgres
import Glibc

/// One libpq connection in pipeline mode. It belongs to the thread that made it, and never blocks
/// without a bound: whatever libpq cannot do at once waits in `poll`.
final class PostgresLink {
    let handle: OpaquePointer
    /// How long the server may be silent while an answer is due.
    private let patience: Duration
    /// By statement: the name that it is prepared under.
    private(set) var prepared: [String: String] = [:]
    private var names = 0
    /// Changes when the server recovers from a crash, after which it may use a transaction's id
    /// again that was never written to its log: when its statistics began.
    var epoch = ""
    private var arguments = PostgresArguments()

    /// Takes over a connection that stands.
    init(_ handle: OpaquePointer, patience: Duration) {
        self.handle = handle
        self.patience = patience
    }

    deinit { PQfinish(handle) }

    /// Whether the connection still stands, as far as is known.
    var isUsable: Bool { PQstatus(handle) == CONNECTION_OK }

    /// Sends a statement without arguments that is not worth preparing.
    func send(_ sql: String) throws(PostgresFailure) {
        try check(PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, 1))
    }

    /// Sends what prepares the statement. It counts as prepared once ``keep(_:_:)`` says so.
    func sendPrepare(_ name: String, _ sql: String) throws(PostgresFailure) {
        try check(PQsendPrepare(handle, name, sql, 0, nil))
    }

    /// The server has prepared the statement under that name.
    func keep(_ name: String, _ sql: String) { prepared[sql] = name }

    /// A name that no statement of this connection has had.
    func newName() -> String {
        names += 1
        return "s\(names)"
    }

    /// Removes all prepared statements once there are too many.
    func makeRoom() throws(PostgresFailure) {
        guard prepared.count >= PostgresLimits.statements else { return }
        try run("DEALLOCATE ALL")
        prepared = [:]
    }

    /// Runs one statement of the engine's own in a round trip of its own; returns its tag.
    @discardableResult
    func run(_ sql: String) throws(PostgresFailure) -> String {
        try send(sql)
        try sendSync()
        var tag = ""
        try finish(1, of: sql) { _, result in tag = result.tag }
        return tag
    }

    /// Sends one execution of a prepared statement, and as much of what is unsent as the server
    /// takes. Reads meanwhile, since a server that cannot write does not read.
    ///
    /// - Parameter encode: writes its arguments.
    func send(
        _ name: String, _ encode: (inout PostgresArguments) throws(DatabaseError) -> Void
    ) throws(PostgresFailure) {
        do throws(DatabaseError) {
            try encode(&arguments)
        } catch {
            throw PostgresFailure(.final, error.code, error.message)
        }
        let handle = handle
        try check(
            arguments.withPointers { count, values, lengths, formats in
                PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
            })
        while PQflush(handle) == 1 { try waitFor(Int16(POLLIN | POLLOUT)) }
    }

    /// Ends an exchange: what follows it is done even where a statement before it failed.
    func sendSync() throws(PostgresFailure) {
        try check(PQpipelineSync(handle))
    }

    /// Reads what the statements sent since the last exchange come to, up to the end of this one.
    ///
    /// - Parameters:
    ///   - count: how many were sent.
    ///   - each: gets the result of each that succeeded, with its index.
    /// - Throws: the first failure, once the exchange is over: the server skips what follows it.
    func finish(
        _ count: Int, of sql: String?,
        _ each: (Int, borrowing PostgresResult) throws(DatabaseError) -> Void
    ) throws(PostgresFailure) {
        var failure: PostgresFailure?
        var index = 0
        while true {
            guard let result = try receive() else {
                index += 1
                guard isUsable, index <= count else { throw failure ?? lost() }
                continue
            }
            switch result.status {
            case PGRES_PIPELINE_SYNC:
                if let failure { throw failure }
                return
            case PGRES_PIPELINE_ABORTED: continue
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                guard failure == nil else { continue }
                do throws(DatabaseError) {
                    try each(index, result)
                } catch {
                    failure = PostgresFailure(.final, error.code, error.message)
                }
            default: failure = failure ?? result.failure(in: sql)
            }
            guard isUsable else { throw failure ?? lost() }
        }
    }

    /// The next result; nil ends those of one statement.
    private func receive() throws(PostgresFailure) -> PostgresResult? {
        while PQisBusy(handle) == 1 {
            try waitFor(Int16(POLLIN) | (PQflush(handle) == 1 ? Int16(POLLOUT) : 0))
        }
        return PQgetResult(handle).map(PostgresResult.init)
    }

    private func waitFor(_ events: Int16) throws(PostgresFailure) {
        let ready = Self.poll(handle, events, until: .now + patience)
        guard ready != 0 else {
            throw .lost("the server was silent for \(patience)")
        }
        guard PQconsumeInput(handle) == 1 else { throw lost() }
        guard PQflush(handle) >= 0 else { throw lost() }
    }

    private func check(_ status: Int32) throws(PostgresFailure) {
        if status != 1 { throw lost() }
    }

    /// The connection's own words for its end.
    func lost() -> PostgresFailure { .lost(Self.complaint(handle)) }

    /// libpq's last message, on one line.
    static func complaint(_ handle: OpaquePointer) -> String {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let lines = text.split(whereSeparator: \.isNewline)
        return lines.isEmpty ? "the connection was lost" : lines.joined(separator: " ")
    }

    /// Which of the events came about; 0 where none did in time.
    static func poll(
        _ handle: OpaquePointer, _ events: Int16, until deadline: ContinuousClock.Instant
    ) -> Int16 {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return 0 }
            var item = pollfd(fd: PQsocket(handle), events: events, revents: 0)
            // One more, as a rest of less than a millisecond would become none.
            let status = Glibc.poll(&item, 1, Int32(left / .milliseconds(1)) + 1)
            if status > 0 { return item.revents }
            guard status == 0 || errno == EINTR else { return Int16(POLLERR) }
        }
    }
}
