/// A transaction on one link, as bodies see it. It begins with the first statement, in the same
/// round trip.
final class PostgresConnection: SQLConnection {
    enum Mode {
        case write
        case read
    }

    private let link: PostgresLink
    private let mode: Mode
    private let counts: PostgresCounts
    private(set) var hasBegun = false
    /// Names the transaction for good (`xid8`): with it a lost answer to COMMIT can be asked for.
    private(set) var transaction: String?
    /// The first failure of the body. The server does nothing more in this transaction, so neither
    /// is it asked.
    private(set) var failure: PostgresFailure?

    init(_ link: PostgresLink, _ mode: Mode, _ counts: PostgresCounts) {
        self.link = link
        self.mode = mode
        self.counts = counts
    }

    /// Readers see a snapshot, and lock nothing.
    var forUpdate: String { mode == .write ? " FOR UPDATE" : "" }

    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int {
        try executeEach(sql, [arguments])[0]
    }

    @discardableResult
    func executeEach(_ sql: String, _ arguments: [[SQLValue]]) throws(DatabaseError) -> [Int] {
        var changed: [Int] = []
        changed.reserveCapacity(arguments.count)
        try run(sql, arguments) { result in changed.append(result.changed) }
        return changed
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [SQLRow] {
        try queryEach(sql, [arguments])[0]
    }

    func queryEach(_ sql: String, _ arguments: [[SQLValue]]) throws(DatabaseError) -> [[SQLRow]] {
        var results: [[SQLRow]] = []
        results.reserveCapacity(arguments.count)
        try run(sql, arguments) { result throws(DatabaseError) in
            results.append(try result.rows(of: sql))
        }
        return results
    }

    private func run(
        _ sql: String, _ arguments: [[SQLValue]],
        _ each: (borrowing PostgresResult) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        if let failure { throw failure.error }
        do throws(PostgresFailure) {
            var rest = arguments[...]
            while !rest.isEmpty {
                try exchange(sql, rest.prefix(PostgresLimits.window), each)
                rest = rest.dropFirst(PostgresLimits.window)
            }
        } catch {
            failure = error
            throw error.error
        }
    }

    /// One round trip: what is missing of BEGIN and PREPARE, then every execution.
    private func exchange(
        _ sql: String, _ arguments: ArraySlice<[SQLValue]>,
        _ each: (borrowing PostgresResult) throws(DatabaseError) -> Void
    ) throws(PostgresFailure) {
        let opening = try sendOpening()
        let known = link.prepared[sql]
        let name = known ?? link.newName()
        if known == nil { try link.sendPrepare(name, sql) }
        let first = opening + (known == nil ? 1 : 0)
        var sent = first
        var refusal: PostgresFailure?
        for values in arguments {
            do throws(PostgresFailure) {
                try link.send(name, values)
                sent += 1
            } catch {
                guard error.kind == .final else { throw error }
                // What was sent before is answered all the same.
                refusal = error
                break
            }
        }
        try link.sendSync()
        counts.roundTrip()
        try link.finish(sent, of: sql) { index, result throws(DatabaseError) in
            if index >= first {
                try each(result)
            } else if index == opening {
                link.keep(name, sql)
            } else if index == 1 {
                transaction = try result.rows(of: sql).first?.text(0)
            }
        }
        if let refusal { throw refusal }
    }

    /// - Returns: the number of statements sent.
    private func sendOpening() throws(PostgresFailure) -> Int {
        guard !hasBegun else { return 0 }
        hasBegun = true
        switch mode {
        case .read:
            try link.send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return 1
        case .write:
            try link.send("BEGIN ISOLATION LEVEL \(PostgresLimits.isolation) READ WRITE")
            try link.send("SELECT pg_current_xact_id()::text")
            return 2
        }
    }
}
