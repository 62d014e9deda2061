/// Reading columns: a column that is not of the asked-for kind is an error in our statement.
extension SQLRow {
    /// A whole number that is not null.
    public func integer(_ column: Int) throws(DatabaseError) -> Int64 {
        guard case .integer(let value) = values[column] else { throw mismatch(column, "integer") }
        return value
    }

    /// A whole number or null.
    public func optionalInteger(_ column: Int) throws(DatabaseError) -> Int64? {
        if case .null = values[column] { nil } else { try integer(column) }
    }

    /// A text that is not null.
    public func text(_ column: Int) throws(DatabaseError) -> String {
        guard case .text(let value) = values[column] else { throw mismatch(column, "text") }
        return value
    }

    /// A text or null.
    public func optionalText(_ column: Int) throws(DatabaseError) -> String? {
        if case .null = values[column] { nil } else { try text(column) }
    }

    /// Bytes that are not null.
    public func blob(_ column: Int) throws(DatabaseError) -> [UInt8] {
        guard case .blob(let value) = values[column] else { throw mismatch(column, "blob") }
        return value
    }

    /// Bytes or null.
    public func optionalBlob(_ column: Int) throws(DatabaseError) -> [UInt8]? {
        if case .null = values[column] { nil } else { try blob(column) }
    }

    private func mismatch(_ column: Int, _ expected: String) -> DatabaseError {
        DatabaseError(.statement, "column \(column) of a result is not \(expected)")
    }
}
