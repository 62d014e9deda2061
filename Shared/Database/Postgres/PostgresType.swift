import CPostgres

/// How the types of PostgreSQL that our statements meet become values: by their object ids, which
/// are the same in every server (`pg_type.dat`).
enum PostgresType {
    /// The value in PostgreSQL's binary format; nil for what `SQLValue` cannot hold.
    static func decode(_ bytes: UnsafeRawBufferPointer, type: Oid) -> SQLValue? {
        switch type {
        case 20: integer(bytes, as: Int64.self)
        case 23: integer(bytes, as: Int32.self)
        case 21: integer(bytes, as: Int16.self)
        // boolean: SQLite's conditions are 0 and 1.
        case 16: bytes.first.map { .integer(Int64($0)) }
        // oid
        case 26: integer(bytes, as: UInt32.self)
        // bytea
        case 17: .blob([UInt8](bytes))
        // text, varchar, bpchar, name, unknown
        case 25, 1043, 1042, 19, 705: .text(String(decoding: bytes, as: UTF8.self))
        // void: what pg_advisory_xact_lock returns.
        case 2278: .null
        case 1700: numeric(bytes)
        default: nil
        }
    }

    private static func integer<Width: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, as width: Width.Type
    ) -> SQLValue? {
        guard bytes.count == MemoryLayout<Width>.size else { return nil }
        return .integer(Int64(Width(bigEndian: bytes.loadUnaligned(as: Width.self))))
    }

    /// A `numeric`, which `sum(bigint)` returns: digits of base 10,000, the first of which stands for
    /// 10,000 to the power of the weight. nil for fractions and what exceeds 64 bits.
    private static func numeric(_ bytes: UnsafeRawBufferPointer) -> SQLValue? {
        guard bytes.count >= 8, bytes.count % 2 == 0 else { return nil }
        func word(_ index: Int) -> Int16 {
            Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self))
        }
        let digits = Int(word(0)), weight = Int(word(1)), sign = UInt16(bitPattern: word(2))
        guard digits >= 0, bytes.count == 8 + 2 * digits else { return nil }
        guard sign == 0 || sign == 0x4000 else { return nil }
        guard digits > 0 else { return .integer(0) }
        // 10,000 to the power of 4 has 17 digits: a weight of 5 or more exceeds 64 bits.
        guard (0...4).contains(weight), digits <= weight + 1 else { return nil }
        var value: Int64 = 0
        for place in 0...weight {
            let digit = place < digits ? Int64(word(4 + place)) : 0
            let (product, overflows) = value.multipliedReportingOverflow(by: 10_000)
            let (next, exceeds) =
                sign == 0
                ? product.addingReportingOverflow(digit)
                : product.subtractingReportingOverflow(digit)
            guard !overflows, !exceeds else { return nil }
            value = next
        }
        return .integer(value)
    }
}
