import GRDB
import GRDBSQLite

/// A GRDB connection inside a transaction, driven through SQLite's own calls: prepared statements
/// come from GRDB's cache, arguments are bound and columns read without its boxes.
///
/// Like PostgreSQL, a connection whose statement failed keeps nothing of the transaction: a body
/// that catches the error is rolled back all the same.
final class SQLiteConnection: SQLConnection {
    private let database: GRDB.Database
    /// The first failure of the running body.
    private(set) var failure: DatabaseError?

    init(_ database: GRDB.Database) { self.database = database }

    /// Forgets the failure of the body before.
    func startBody() { failure = nil }

    var forUpdate: String { "" }

    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int {
        try executeEach(sql, [arguments])[0]
    }

    @discardableResult
    func executeEach(_ sql: String, _ arguments: [[SQLValue]]) throws(DatabaseError) -> [Int] {
        try failing { () throws(DatabaseError) in
            guard !arguments.isEmpty else { return [] }
            let statement = try prepared(sql)
            var changed: [Int] = []
            changed.reserveCapacity(arguments.count)
            for row in arguments {
                try statement.bind(row)
                changed.append(try statement.run())
            }
            return changed
        }
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [SQLRow] {
        try queryEach(sql, [arguments])[0]
    }

    func queryEach(_ sql: String, _ arguments: [[SQLValue]]) throws(DatabaseError) -> [[SQLRow]] {
        try failing { () throws(DatabaseError) in
            guard !arguments.isEmpty else { return [] }
            let statement = try prepared(sql)
            var results: [[SQLRow]] = []
            results.reserveCapacity(arguments.count)
            for row in arguments {
                try statement.bind(row)
                results.append(try statement.rows())
            }
            return results
        }
    }

    @discardableResult
    func execute(_ statement: RowStatement, _ rows: [[SQLValue]]) throws(DatabaseError) -> Int {
        try executeEach(statement.single, rows).reduce(0, +)
    }

    func query(
        _ statement: RowStatement, _ rows: [[SQLValue]]
    ) throws(DatabaseError) -> [[SQLRow]] {
        try queryEach(statement.single, rows)
    }

    private func prepared(_ sql: String) throws(DatabaseError) -> SQLiteStatement {
        do {
            return SQLiteStatement(try database.cachedStatement(sql: sql))
        } catch {
            throw SQLiteError.from(error)
        }
    }

    private func failing<T>(_ work: () throws(DatabaseError) -> T) throws(DatabaseError) -> T {
        do {
            return try work()
        } catch {
            if failure == nil { failure = error }
            throw error
        }
    }
}
