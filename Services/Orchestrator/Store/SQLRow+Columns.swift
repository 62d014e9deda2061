import Database
import RefundMessages

extension SQLRow {
    func integer(_ column: Int) throws(DatabaseError) -> Int64 {
        guard case .integer(let value) = values[column] else { throw Self.unexpected(column) }
        return value
    }

    func text(_ column: Int) throws(DatabaseError) -> String {
        guard case .text(let value) = values[column] else { throw Self.unexpected(column) }
        return value
    }

    func optionalText(_ column: Int) throws(DatabaseError) -> String? {
        values[column] == .null ? nil : try text(column)
    }

    func blob(_ column: Int) throws(DatabaseError) -> [UInt8] {
        guard case .blob(let value) = values[column] else { throw Self.unexpected(column) }
        return value
    }

    private static func unexpected(_ column: Int) -> DatabaseError {
        DatabaseError(.unusable, "column \(column) holds a value of another type")
    }
}

extension Instant {
    /// Milliseconds since 1970, rounded down.
    var milliseconds: Int64 { seconds * 1000 + Int64(nanoseconds / 1_000_000) }

    init(milliseconds: Int64) {
        let seconds = milliseconds.quotientAndRemainder(dividingBy: 1000)
        self.init(seconds: seconds.quotient, nanoseconds: Int32(seconds.remainder) * 1_000_000)
    }
}
