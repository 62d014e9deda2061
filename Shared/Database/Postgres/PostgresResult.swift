import CPostgres

/// One result of libpq, freed with this value.
struct PostgresResult: ~Copyable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    var status: ExecStatusType { PQresultStatus(handle) }

    /// The command's tag, as `INSERT 0 1`.
    var tag: String { String(cString: PQcmdStatus(handle)) }

    /// Rows that the statement changed; those that it only found do not count.
    var changed: Int {
        guard let count = PQcmdTuples(handle), count.pointee != 0, let tag = PQcmdStatus(handle)
        else { return 0 }
        // SELECT and FETCH count too.
        let first = UInt8(bitPattern: tag.pointee)
        guard first != UInt8(ascii: "S"), first != UInt8(ascii: "F") else { return 0 }
        return Int(String(cString: count)) ?? 0
    }

    /// What the server says of the failure.
    func failure(in sql: String?) -> PostgresFailure {
        let severity = field("V")
        return PostgresError.failure(
            state: field("C") ?? "08006",
            message: field("M") ?? "the connection was lost",
            isFatal: severity == nil || severity == "FATAL" || severity == "PANIC", sql: sql)
    }

    /// libpq's `PG_DIAG_…` are letters of the protocol, as macros that Swift cannot import.
    private func field(_ code: Unicode.Scalar) -> String? {
        PQresultErrorField(handle, Int32(code.value)).map { String(cString: $0) }
    }

    /// All rows, asked for in the binary format.
    func rows(of sql: String) throws(DatabaseError) -> [SQLRow] {
        let count = PQntuples(handle), columns = PQnfields(handle)
        let types = (0..<columns).map { PQftype(handle, $0) }
        var rows: [SQLRow] = []
        rows.reserveCapacity(Int(count))
        for row in 0..<count {
            var values: [SQLValue] = []
            values.reserveCapacity(Int(columns))
            for column in 0..<columns {
                guard PQgetisnull(handle, row, column) == 0 else {
                    values.append(.null)
                    continue
                }
                let bytes = UnsafeRawBufferPointer(
                    start: PQgetvalue(handle, row, column),
                    count: Int(PQgetlength(handle, row, column)))
                guard let value = PostgresType.decode(bytes, type: types[Int(column)]) else {
                    throw DatabaseError(
                        .statement,
                        "column \(column) (type \(types[Int(column)])) holds what is neither a "
                            + "whole number nor text nor bytes in: \(sql)")
                }
                values.append(value)
            }
            rows.append(SQLRow(values))
        }
        return rows
    }
}
