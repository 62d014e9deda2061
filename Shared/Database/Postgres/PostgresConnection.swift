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

    @discardableResult
    func execute(_ statement: RowStatement, _ rows: [[SQLValue]]) throws(DatabaseError) -> Int {
        var changed = 0
        try run(statement.whole, statement.kinds, rows) { _, result in changed += result.changed }
        return changed
    }

    func query(
        _ statement: RowStatement, _ rows: [[SQLValue]]
    ) throws(DatabaseError) -> [[SQLRow]] {
        var results = [[SQLRow]](repeating: [], count: rows.count)
        let sql = statement.whole + (mode == .write ? statement.lock : "")
        try run(sql, statement.kinds, rows) { first, result throws(DatabaseError) in
            for var row in try result.rows(of: sql) {
                let number = Int(try row.integer(row.values.count - 1))
                row.values.removeLast()
                results[first + number - 1].append(row)
            }
        }
        return results
    }

    /// Executions of one statement, as many to an exchange as its bound allows.
    private func run(
        _ sql: String, _ arguments: [[SQLValue]],
        _ each: (borrowing PostgresResult) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        try windows(of: arguments) { window throws(PostgresFailure) in
            try exchange(
                sql, window, { values, buffer throws(DatabaseError) in try buffer.encode(values) },
                each)
        }
    }

    /// One execution of a statement over rows, or several where there are too many.
    ///
    /// - Parameter each: gets the number of its first row with the result.
    private func run(
        _ sql: String, _ kinds: [RowStatement.Kind], _ rows: [[SQLValue]],
        _ each: (Int, borrowing PostgresResult) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        try windows(of: rows) { window throws(PostgresFailure) in
            try exchange(
                sql, CollectionOfOne(window),
                { rows, buffer throws(DatabaseError) in try buffer.encode(rows, kinds) },
                { result throws(DatabaseError) in try each(window.startIndex, result) })
        }
    }

    private func windows(
        of rows: [[SQLValue]],
        _ exchange: (ArraySlice<[SQLValue]>) throws(PostgresFailure) -> Void
    ) throws(DatabaseError) {
        if let failure { throw failure.error }
        do throws(PostgresFailure) {
            var rest = rows[...]
            while !rest.isEmpty {
                try exchange(rest.prefix(PostgresLimits.window))
                rest = rest.dropFirst(PostgresLimits.window)
            }
        } catch {
            failure = error
            throw error.error
        }
    }

    /// One round trip: what is missing of BEGIN and PREPARE, then every execution.
    private func exchange<Executions: Sequence>(
        _ sql: String, _ executions: Executions,
        _ encode: (Executions.Element, inout PostgresArguments) throws(DatabaseError) -> Void,
        _ each: (borrowing PostgresResult) throws(DatabaseError) -> Void
    ) throws(PostgresFailure) {
        var sent: [Sent] = []
        try sendOpening(&sent)
        let name = try prepare(sql, &sent)
        var refusal: PostgresFailure?
        for execution in executions {
            do throws(PostgresFailure) {
                try link.send(name) { buffer throws(DatabaseError) in
                    try encode(execution, &buffer)
                }
                sent.append(.execution)
            } catch {
                guard error.kind == .final else { throw error }
                // What was sent before is answered all the same.
                refusal = error
                break
            }
        }
        try link.sendSync()
        counts.roundTrip()
        try link.finish(sent.count, of: sql) { index, result throws(DatabaseError) in
            switch sent[index] {
            case .opening: break
            case .identity: transaction = try result.rows(of: sql).first?.text(0)
            case .preparation(let name, let sql): link.keep(name, sql)
            case .execution: try each(result)
            }
        }
        if let refusal { throw refusal }
    }

    /// What a result of an exchange is of.
    private enum Sent {
        case opening, identity, execution
        case preparation(name: String, sql: String)
    }

    /// Begins the transaction where that is still to be done.
    private func sendOpening(_ sent: inout [Sent]) throws(PostgresFailure) {
        guard !hasBegun else { return }
        hasBegun = true
        let opening = mode == .read ? Self.readOpening : Self.writeOpening
        for (sql, isIdentity) in opening {
            try link.send(prepare(sql, &sent)) { $0.encodeNothing() }
            sent.append(isIdentity ? .identity : .opening)
        }
    }

    /// - Returns: the name of the statement, which is prepared by the time that it is executed.
    private func prepare(_ sql: String, _ sent: inout [Sent]) throws(PostgresFailure) -> String {
        if let name = link.prepared[sql] { return name }
        let name = link.newName()
        try link.sendPrepare(name, sql)
        sent.append(.preparation(name: name, sql: sql))
        return name
    }

    /// Readers ask for lists, by filters that are worth a plan of their own.
    private static let readOpening = [
        ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", false),
        ("SET LOCAL plan_cache_mode = auto", false),
    ]
    private static let writeOpening = [
        ("BEGIN ISOLATION LEVEL \(PostgresLimits.isolation) READ WRITE", false),
        ("SELECT pg_current_xact_id()::text", true),
    ]
}
