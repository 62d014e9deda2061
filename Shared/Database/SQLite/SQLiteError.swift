import GRDB
import GRDBSQLite

/// Gives an engine's failure its place among the codes that callers act on.
enum SQLiteError {
    /// The failure of `connection`'s last call.
    static func last(of connection: OpaquePointer?, sql: String? = nil) -> DatabaseError {
        let code = sqlite3_extended_errcode(connection)
        return make(code, String(cString: sqlite3_errmsg(connection)), sql: sql)
    }

    /// An error that GRDB threw; one that is already ours is left as it is.
    static func from(_ error: any Error) -> DatabaseError {
        switch error {
        case let error as DatabaseError: error
        case let error as GRDB.DatabaseError:
            make(
                error.extendedResultCode.rawValue, error.message ?? "no message", sql: error.sql)
        default: DatabaseError(.unavailable, "SQLite: \(error)")
        }
    }

    private static func make(_ code: CInt, _ message: String, sql: String?) -> DatabaseError {
        let place = sql.map { " in: \($0)" } ?? ""
        return DatabaseError(category(code & 0xff), "SQLite: \(message) (code \(code))\(place)")
    }

    private static func category(_ primary: CInt) -> DatabaseError.Code {
        switch primary {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL, SQLITE_NOMEM, SQLITE_INTERRUPT:
            .unavailable
        case SQLITE_CONSTRAINT: .constraint
        case SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM: .storage
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT: .unusable
        default: .statement
        }
    }
}
