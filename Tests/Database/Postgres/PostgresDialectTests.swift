import Testing

@testable import Database

@Suite("PostgreSQL's dialect")
struct PostgresDialectTests {
    static let statements = [
        (
            "CREATE TABLE t (id TEXT PRIMARY KEY, text_of BIGINT, data BLOB NOT NULL)",
            "CREATE TABLE t (id TEXT COLLATE \"C\" PRIMARY KEY, text_of BIGINT, data BYTEA NOT NULL)"
        ),
        (
            "\n  create table t (a text DEFAULT 'TEXT, it''s a BLOB')",
            "\n  create table t (a TEXT COLLATE \"C\" DEFAULT 'TEXT, it''s a BLOB')"
        ),
        (
            "ALTER TABLE t ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'",
            "ALTER TABLE t ADD COLUMN colour TEXT COLLATE \"C\" NOT NULL DEFAULT 'red'"
        ),
        ("UPDATE t SET a = CAST(b AS TEXT)", "UPDATE t SET a = CAST(b AS TEXT)"),
        ("CREATE INDEX i ON t (text)", "CREATE INDEX i ON t (text)"),
    ]

    @Test("has other names for types in the definitions of tables only", arguments: statements)
    func translation(_ statement: String, _ expected: String) {
        #expect(PostgresDialect.translated(statement) == expected)
    }

    static let states: [(String, DatabaseError.Code)] = [
        ("23505", .constraint), ("23503", .constraint), ("40001", .unavailable),
        ("40P01", .unavailable), ("55P03", .unavailable), ("57014", .unavailable),
        ("57P01", .unavailable), ("53300", .unavailable), ("08006", .unavailable),
        ("53100", .storage), ("58030", .storage), ("XX001", .unusable), ("28P01", .unusable),
        ("3D000", .unusable), ("42501", .unusable), ("42P01", .statement), ("22021", .statement),
        ("08P01", .statement), ("0A000", .statement),
    ]

    @Test("gives every SQLSTATE its code", arguments: states)
    func codes(_ state: String, _ code: DatabaseError.Code) {
        #expect(PostgresError.code(state) == code)
    }

    static let numbers: [([UInt16], Int64?)] = [
        // digits, weight, sign, scale, digits of base 10,000
        ([0, 0, 0, 0], 0), ([1, 0, 0, 0, 7], 7), ([1, 0, 0x4000, 0, 7], -7),
        ([1, 1, 0, 0, 3], 30_000), ([2, 1, 0, 0, 1, 2], 10_002),
        ([5, 4, 0, 0, 922, 3372, 368, 5477, 5807], .max),
        ([5, 4, 0x4000, 0, 922, 3372, 368, 5477, 5808], .min),
        ([5, 4, 0, 0, 922, 3372, 368, 5477, 5808], nil), ([1, 5, 0, 0, 1], nil),
        ([2, 0, 0, 1, 1, 5000], nil), ([0, 0, 0xC000, 0], nil), ([2, 0, 0, 0, 1], nil),
    ]

    @Test("knows sums, which are numeric, as whole numbers or not at all", arguments: numbers)
    func numeric(_ words: [UInt16], _ expected: Int64?) {
        let bytes = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
        let value = bytes.withUnsafeBytes { PostgresType.decode($0, type: 1700) }
        #expect(value == expected.map { .integer($0) })
    }
}
