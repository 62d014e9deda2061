import AMQP

/// Header tables as bytes, in the encoding that AMQP has on the wire (AMQP 0-9-1 §4.2.5.5, with
/// RabbitMQ's types), without the length of the outermost table: every value and its type is kept.
enum FieldTableCodec {
    static func encode(_ table: FieldTable) -> [UInt8] {
        var bytes: [UInt8] = []
        append(table, to: &bytes)
        return bytes
    }

    private static func append(_ table: FieldTable, to bytes: inout [UInt8]) {
        for (key, value) in table.entries {
            let key = key.amqpBytes.prefix(Int(UInt8.max))
            bytes.append(UInt8(key.count))
            bytes += key
            append(value, to: &bytes)
        }
    }

    private static func append(_ value: FieldValue, to bytes: inout [UInt8]) {
        switch value {
        case .void: tag("V", &bytes)
        case .bool(let value):
            tag("t", &bytes)
            bytes.append(value ? 1 : 0)
        case .int8(let value): number("b", value, &bytes)
        case .uint8(let value): number("B", value, &bytes)
        case .int16(let value): number("s", value, &bytes)
        case .uint16(let value): number("u", value, &bytes)
        case .int32(let value): number("I", value, &bytes)
        case .uint32(let value): number("i", value, &bytes)
        case .int64(let value): number("l", value, &bytes)
        case .float(let value): number("f", value.bitPattern, &bytes)
        case .double(let value): number("d", value.bitPattern, &bytes)
        case .decimal(let scale, let value):
            number("D", scale, &bytes)
            bytes.append(bigEndian: value)
        case .timestamp(let value): number("T", value, &bytes)
        case .string(let value): long("S", value, &bytes)
        case .bytes(let value): long("x", value, &bytes)
        case .table(let table):
            var inner: [UInt8] = []
            append(table, to: &inner)
            long("F", inner, &bytes)
        case .array(let values):
            var inner: [UInt8] = []
            for value in values { append(value, to: &inner) }
            long("A", inner, &bytes)
        }
    }

    private static func tag(_ letter: Unicode.Scalar, _ bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: letter))
    }

    private static func number(
        _ letter: Unicode.Scalar, _ value: some FixedWidthInteger, _ bytes: inout [UInt8]
    ) {
        tag(letter, &bytes)
        bytes.append(bigEndian: value)
    }

    private static func long(
        _ letter: Unicode.Scalar, _ content: [UInt8], _ bytes: inout [UInt8]
    ) {
        tag(letter, &bytes)
        bytes.append(bigEndian: UInt32(content.count))
        bytes += content
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
