/// Why an exchange with the server failed, and what the engine does about it.
struct PostgresFailure: Error {
    enum Kind {
        /// The same would fail again.
        case final
        /// The transaction lost against another one; repeated, it may win.
        case conflict
        /// The connection is gone, and with it the transaction.
        case lost
    }

    var kind: Kind
    var error: DatabaseError
    /// The server's SQLSTATE, where the failure is its word.
    var state: String?

    init(
        _ kind: Kind, _ code: DatabaseError.Code, _ message: String, state: String? = nil
    ) {
        self.kind = kind
        self.state = state
        error = DatabaseError(code, message)
    }

    static func lost(_ message: String) -> PostgresFailure {
        PostgresFailure(.lost, .unavailable, "PostgreSQL: \(message)")
    }
}

/// Gives a SQLSTATE its place among the codes that callers act on: PostgreSQL's manual, appendix A.
enum PostgresError {
    /// - Parameter isFatal: whether the server ended the session with it.
    static func failure(
        state: String, message: String, isFatal: Bool, sql: String?
    ) -> PostgresFailure {
        let place = sql.map { " in: \($0)" } ?? ""
        let text = "PostgreSQL: \(message) (SQLSTATE \(state))\(place)"
        return PostgresFailure(
            kind(state, isFatal: isFatal), code(state), text, state: state)
    }

    private static func kind(_ state: String, isFatal: Bool) -> PostgresFailure.Kind {
        switch state {
        case "40001", "40P01": .conflict
        // What was the primary became a standby: another host has to be found.
        case "25006": .lost
        default: isFatal ? .lost : .final
        }
    }

    static func code(_ state: String) -> DatabaseError.Code {
        switch state {
        case "08P01": .statement
        // The database does not exist; the role may not; it is somebody else's object.
        case "3D000", "42501", "0LP01": .unusable
        case "53100", "53400": .storage
        // An administrator's missing right to log in, a schema that is not there.
        case "3F000": .unusable
        case "XX001", "XX002": .unusable
        case "25006", "25P03": .unavailable
        default:
            switch state.prefix(2) {
            case "08", "40", "53", "55", "57": .unavailable
            case "23": .constraint
            case "28": .unusable
            case "58", "XX": .storage
            default: .statement
            }
        }
    }
}
