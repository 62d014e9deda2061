import Database

/// Tells of each statement before it is run, a list of arguments being one each; of a `RowStatement`
/// once.
final class WatchedConnection: SQLConnection {
    private let base: any SQLConnection
    private let watch: (Int) throws(DatabaseError) -> Void
    /// Statements told of.
    private(set) var count = 0

    init(_ base: any SQLConnection, _ watch: @escaping (Int) throws(DatabaseError) -> Void) {
        self.base = base
        self.watch = watch
    }

    var forUpdate: String { base.forUpdate }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int {
        try step()
        return try base.execute(sql, arguments)
    }

    func executeEach(_ sql: String, _ arguments: [[SQLValue]]) throws(DatabaseError) -> [Int] {
        var counts: [Int] = []
        for row in arguments { counts.append(try execute(sql, row)) }
        return counts
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [SQLRow] {
        try step()
        return try base.query(sql, arguments)
    }

    func queryEach(_ sql: String, _ arguments: [[SQLValue]]) throws(DatabaseError) -> [[SQLRow]] {
        var results: [[SQLRow]] = []
        for row in arguments { results.append(try query(sql, row)) }
        return results
    }

    func execute(_ statement: RowStatement, _ rows: [[SQLValue]]) throws(DatabaseError) -> Int {
        guard !rows.isEmpty else { return 0 }
        try step()
        return try base.execute(statement, rows)
    }

    func query(
        _ statement: RowStatement, _ rows: [[SQLValue]]
    ) throws(DatabaseError) -> [[SQLRow]] {
        guard !rows.isEmpty else { return [] }
        try step()
        return try base.query(statement, rows)
    }

    private func step() throws(DatabaseError) {
        count += 1
        try watch(count)
    }
}
