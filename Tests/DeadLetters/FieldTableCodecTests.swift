import AMQP
import Testing

@testable import DeadLetters

/// Every header, whatever its type, comes out of the store as it went in.
@Suite struct FieldTableCodecTests {
    static let everyType = FieldTable([
        ("void", .void), ("yes", .bool(true)), ("no", .bool(false)), ("i8", .int8(-128)),
        ("u8", .uint8(255)), ("i16", .int16(-32_768)), ("u16", .uint16(65_535)),
        ("i32", .int32(.min)), ("u32", .uint32(.max)), ("i64", .int64(.min)),
        ("float", .float(-0.0)), ("double", .double(.infinity)), ("nan", .double(.nan)),
        ("decimal", .decimal(scale: 3, value: -7)), ("empty", .string([])),
        ("text", .string(Array("日本語 \u{1B}[31m".utf8))), ("binary", .string([0xFF, 0x00, 0xFE])),
        ("bytes", .bytes([0, 1, 2])), ("time", .timestamp(.max)),
        ("list", .array([.int8(1), .array([]), .table(FieldTable([("k", .void)]))])),
        ("table", .table(FieldTable([("k", .table(FieldTable([("k", .bool(true))])))]))),
        ("twice", .int8(1)), ("twice", .int8(2)), ("", .string(Array("no name".utf8))),
    ])

    @Test("Every type of AMQP field comes back as it was", arguments: everyType.entries.map(\.key))
    func eachComesBack(name: String) throws {
        let entry = try #require(Self.everyType.entries.first { $0.key == name })
        let table = FieldTable([entry])
        let bytes = FieldTableCodec.encode(table)
        let back = try #require(FieldTableCodec.decode(bytes))
        // A NaN equals nothing: what counts are its bits.
        #expect(FieldTableCodec.encode(back) == bytes)
        if name != "nan" { #expect(back == table) }
    }

    @Test("A table keeps the order of its headers, and names that come twice")
    func orderIsKept() throws {
        let back = try #require(FieldTableCodec.decode(FieldTableCodec.encode(Self.everyType)))
        #expect(back.entries.map(\.key) == Self.everyType.entries.map(\.key))
    }

    @Test("64 levels are read and 65 are not, but the headers beside them are")
    func depthIsBounded() throws {
        func nested(_ levels: Int) -> FieldTable {
            (1..<levels).reduce(FieldTable([("end", .void)])) { table, _ in
                FieldTable([("in", .table(table))])
            }
        }
        #expect(FieldTableCodec.decode(FieldTableCodec.encode(nested(64))) == nested(64))
        let deep = FieldTable([("deep", .table(nested(64))), ("beside", .int8(1))])
        let bytes = FieldTableCodec.encode(deep)
        #expect(FieldTableCodec.decode(bytes) == nil)
        #expect(FieldTableCodec.decodeReadable(bytes) == FieldTable([("beside", .int8(1))]))
    }

    @Test("Bytes that are cut short anywhere are no table, and crash nothing")
    func cutBytes() {
        let bytes = FieldTableCodec.encode(Self.everyType)
        var readable = 0
        for count in 0..<bytes.count
        where FieldTableCodec.decode(Array(bytes.prefix(count))) != nil {
            readable += 1
            _ = FieldTableCodec.decodeReadable(Array(bytes.prefix(count)))
        }
        // Only a cut between two headers leaves a table.
        #expect(readable == Self.everyType.entries.count)
    }
}
