import GRDB
import GRDBSQLite

/// One prepared statement of GRDB's cache during one call: bind, run, and bind again.
struct SQLiteStatement {
    private let statement: GRDB.Statement
    private let handle: OpaquePointer
    /// The argument number (`$2` is 2) that belongs at each of SQLite's parameter positions: SQLite
    /// numbers named parameters by first appearance.
    private let numbers: [Int]

    init(_ statement: GRDB.Statement) {
        self.statement = statement
        handle = statement.sqliteStatement
        numbers = (0..<sqlite3_bind_parameter_count(handle)).map { [handle] index in
            guard let name = sqlite3_bind_parameter_name(handle, index + 1) else { return 0 }
            return Int(String(cString: name + 1)) ?? 0
        }
    }

    /// Replaces all arguments. They are copied.
    func bind(_ arguments: [SQLValue]) throws(DatabaseError) {
        guard arguments.count == numbers.max() ?? 0 else {
            throw DatabaseError(
                .statement, "\(arguments.count) arguments given to: \(statement.sql)")
        }
        for (index, number) in numbers.enumerated() {
            guard number >= 1 else {
                throw DatabaseError(
                    .statement, "a parameter is not $1, $2 … in: \(statement.sql)")
            }
            guard bind(arguments[number - 1], at: CInt(index + 1)) == SQLITE_OK else {
                throw failure()
            }
        }
    }

    /// Runs to the end; returns the rows changed.
    func run() throws(DatabaseError) -> Int {
        let connection = sqlite3_db_handle(handle)
        let before = sqlite3_total_changes64(connection)
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: continue
            case SQLITE_DONE:
                sqlite3_reset(handle)
                let changed = sqlite3_total_changes64(connection) != before
                return changed ? Int(sqlite3_changes64(connection)) : 0
            default: throw failure()
            }
        }
    }

    /// Runs to the end; returns the rows found.
    func rows() throws(DatabaseError) -> [SQLRow] {
        let columns = sqlite3_column_count(handle)
        var rows: [SQLRow] = []
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW:
                var values: [SQLValue] = []
                values.reserveCapacity(Int(columns))
                for column in 0..<columns { values.append(try value(at: column)) }
                rows.append(SQLRow(values))
            case SQLITE_DONE:
                sqlite3_reset(handle)
                return rows
            default: throw failure()
            }
        }
    }

    private func bind(_ value: SQLValue, at index: CInt) -> CInt {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let integer): return sqlite3_bind_int64(handle, index, integer)
        case .text(var text):
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { bytes in
                    // An empty text has no address, which SQLite would take for null.
                    guard let start = bytes.baseAddress else {
                        return sqlite3_bind_text(handle, index, "", 0, Self.copied)
                    }
                    return sqlite3_bind_text(
                        handle, index, start, CInt(bytes.count), Self.copied)
                }
            }
        case .blob(let blob):
            guard !blob.isEmpty else { return sqlite3_bind_zeroblob(handle, index, 0) }
            return blob.withUnsafeBytes { bytes in
                sqlite3_bind_blob64(
                    handle, index, bytes.baseAddress, UInt64(bytes.count), Self.copied)
            }
        }
    }

    private func value(at column: CInt) throws(DatabaseError) -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .text(
                String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        default:
            sqlite3_reset(handle)
            throw DatabaseError(
                .statement, "a column holds a floating-point number in: \(statement.sql)")
        }
    }

    /// Reads the error before the statement is reset for its next use.
    private func failure() -> DatabaseError {
        let error = SQLiteError.last(of: sqlite3_db_handle(handle), sql: statement.sql)
        sqlite3_reset(handle)
        return error
    }

    /// `SQLITE_TRANSIENT`, which Swift cannot import: SQLite copies the bytes before it returns.
    private static var copied: sqlite3_destructor_type {
        unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }
}
