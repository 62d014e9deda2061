/// Rows as PostgreSQL's arrays in binary: the number of dimensions, whether there are nulls, the
/// elements' type, length and first index, and then each element with its length before it
/// (`array_recv`).
extension PostgresArguments {
    /// Takes the place of the arguments before: one array for each column.
    mutating func encode(
        _ rows: ArraySlice<[SQLValue]>, _ kinds: [RowStatement.Kind]
    ) throws(DatabaseError) {
        clear()
        for (column, kind) in kinds.enumerated() {
            try array(kind) { arguments throws(DatabaseError) in
                for row in rows {
                    guard row.count == kinds.count else {
                        throw DatabaseError(
                            .statement, "\(row.count) arguments where there are \(kinds.count)")
                    }
                    try arguments.element(row[column], kind, number: column + 1)
                }
                return rows.count
            }
        }
        end()
    }

    private mutating func array(
        _ kind: RowStatement.Kind,
        _ elements: (inout PostgresArguments) throws(DatabaseError) -> Int
    ) throws(DatabaseError) {
        let start = count
        for word in [1, 1, kind.type, 0, 1] { append(word) }
        let length = try elements(&self)
        replace(Int32(length), at: start + 12)
        closeBinary(from: start)
    }

    private mutating func element(
        _ value: SQLValue, _ kind: RowStatement.Kind, number: Int
    ) throws(DatabaseError) {
        switch (value, kind) {
        case (.null, _): append(Int32(-1))
        case (.integer(let integer), .integer):
            append(Int32(8))
            append(integer)
        case (.text(let text), .text):
            let start = count
            append(Int32(0))
            try append(text, number: number)
            replace(Int32(count - start - 4), at: start)
        case (.blob(let blob), .blob):
            append(Int32(blob.count))
            append(blob)
        default:
            throw DatabaseError(.statement, "argument $\(number) is not \(kind.rawValue)")
        }
    }
}

extension RowStatement.Kind {
    /// Its object id (`pg_type.dat`).
    fileprivate var type: Int32 {
        switch self {
        case .integer: 20
        case .text: 25
        case .blob: 17
        }
    }
}
