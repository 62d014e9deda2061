/// A value of a column or a statement's argument.
public enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// One row of a result, by column position.
public struct SQLRow: Sendable, Hashable {
    /// In the order of the statement's result columns.
    public var values: [SQLValue]

    /// A row of those values.
    public init(_ values: [SQLValue]) { self.values = values }
}

/// A connection inside a transaction. Statements use `$1`, `$2` … for their arguments, and the SQL
/// that SQLite and PostgreSQL share.
///
/// A statement that throws ends the transaction: whatever the body does then, nothing of it is kept.
///
/// The batch forms are one round trip on PostgreSQL (pipelined) and one prepared statement, run
/// many times, on SQLite: prefer them to a loop. Where a service's load passes, a ``RowStatement`` is
/// cheaper still.
public protocol SQLConnection {
    /// Suffix that locks the rows a `SELECT` finds until the transaction ends: ` FOR UPDATE`, or
    /// nothing where the engine has one writer anyway.
    var forUpdate: String { get }

    /// Runs one statement; returns the number of rows it changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int

    /// Runs one statement once for each list of arguments; returns the rows changed by each.
    @discardableResult
    func executeEach(_ sql: String, _ arguments: [[SQLValue]]) throws(DatabaseError) -> [Int]

    /// The rows of one query.
    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [SQLRow]

    /// The rows of one query for each list of arguments.
    func queryEach(_ sql: String, _ arguments: [[SQLValue]]) throws(DatabaseError) -> [[SQLRow]]

    /// Runs a statement for all of the rows; returns how many rows of the table it changed.
    @discardableResult
    func execute(_ statement: RowStatement, _ rows: [[SQLValue]]) throws(DatabaseError) -> Int

    /// The rows that the query finds for each row of arguments.
    func query(
        _ statement: RowStatement, _ rows: [[SQLValue]]
    ) throws(DatabaseError) -> [[SQLRow]]
}

/// A database of one service: transactions on SQLite (GRDB) or PostgreSQL (libpq).
public protocol Database: Sendable {
    /// Runs `body` in one read-write transaction and returns once it is durable.
    ///
    /// - Important: `body` may run more than once (a serialization failure, a lost connection before
    ///   the commit), so it changes nothing but the database. Several bodies may share one commit.
    @discardableResult
    func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T

    /// Runs `body` on one consistent snapshot.
    func read<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T

    /// Waits for running transactions and closes; later calls throw `DatabaseError.closed`.
    func close() async
}

/// What went wrong in the database.
public struct DatabaseError: Error, Sendable, CustomStringConvertible {
    /// What a caller can do about it.
    public enum Code: Sendable, Hashable {
        /// Away, locked for longer than the busy time-out, out of connections: worth trying again.
        case unavailable
        /// A unique, foreign-key, not-null or check constraint.
        case constraint
        /// No space, or an I/O error.
        case storage
        /// Not a database, damaged, or of a newer version than this program.
        case unusable
        /// A statement or an argument that the engine refuses: an error in our code.
        case statement
        case closed
    }

    /// What a caller can do about it.
    public var code: Code
    /// One or two English sentences: what failed, and where it helps, what to do.
    public var message: String

    /// An error with its message for people.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
