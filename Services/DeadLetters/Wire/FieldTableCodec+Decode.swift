import AMQP

extension FieldTableCodec {
    /// Levels of tables and arrays that are read: what the AMQP library itself converts.
    static let maximumDepth = 64

    /// The table of those bytes, nil where they are none, or one that is nested deeper than
    /// ``maximumDepth``.
    static func decode(_ bytes: [UInt8]) -> FieldTable? {
        var reader = Reader(rest: bytes[...])
        return reader.table(depth: 1)
    }

    /// What of a table can be read: without the values that are nested too deep.
    static func decodeReadable(_ bytes: [UInt8]) -> FieldTable {
        var reader = Reader(rest: bytes[...])
        return reader.readable()
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func readable() -> FieldTable {
            var table = FieldTable()
            while let count = integer(UInt8.self), let key = take(Int(count)) {
                let before = rest.count
                let value = value(depth: 1)
                if let value { table.entries.append((String(amqpBytes: Array(key)), value)) }
                guard rest.count < before else { break }
            }
            return table
        }

        mutating func table(depth: Int) -> FieldTable? {
            guard depth <= maximumDepth else { return nil }
            var table = FieldTable()
            while !rest.isEmpty {
                guard let count = integer(UInt8.self), let key = take(Int(count)),
                    let value = value(depth: depth)
                else { return nil }
                table.entries.append((String(amqpBytes: Array(key)), value))
            }
            return table
        }

        private mutating func value(depth: Int) -> FieldValue? {
            guard let tag = integer(UInt8.self) else { return nil }
            switch Unicode.Scalar(tag) {
            case "V": return .void
            case "t": return integer(UInt8.self).map { .bool($0 != 0) }
            case "b": return integer(Int8.self).map { .int8($0) }
            case "B": return integer(UInt8.self).map { .uint8($0) }
            case "s": return integer(Int16.self).map { .int16($0) }
            case "u": return integer(UInt16.self).map { .uint16($0) }
            case "I": return integer(Int32.self).map { .int32($0) }
            case "i": return integer(UInt32.self).map { .uint32($0) }
            // RabbitMQ's `L` is signed too (its errata to AMQP 0-9-1 §4.2.1).
            case "l", "L": return integer(Int64.self).map { .int64($0) }
            case "f": return integer(UInt32.self).map { .float(Float(bitPattern: $0)) }
            case "d": return integer(UInt64.self).map { .double(Double(bitPattern: $0)) }
            case "D":
                guard let scale = integer(UInt8.self), let value = integer(Int32.self) else {
                    return nil
                }
                return .decimal(scale: scale, value: value)
            case "T": return integer(UInt64.self).map { .timestamp($0) }
            case "S": return long().map { .string(Array($0)) }
            case "x": return long().map { .bytes(Array($0)) }
            case "F":
                guard let content = long() else { return nil }
                var inner = Reader(rest: content)
                return inner.table(depth: depth + 1).map { .table($0) }
            case "A":
                guard let content = long() else { return nil }
                var inner = Reader(rest: content)
                return inner.array(depth: depth + 1).map { .array($0) }
            default: return nil
            }
        }

        private mutating func array(depth: Int) -> [FieldValue]? {
            guard depth <= maximumDepth else { return nil }
            var values: [FieldValue] = []
            while !rest.isEmpty {
                guard let value = value(depth: depth) else { return nil }
                values.append(value)
            }
            return values
        }

        private mutating func long() -> ArraySlice<UInt8>? {
            integer(UInt32.self).flatMap { take(Int($0)) }
        }

        private mutating func integer<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
            guard let bytes = take(Value.bitWidth / 8) else { return nil }
            return bytes.reduce(into: Value(0)) { value, byte in
                value = (value &<< 8) | Value(truncatingIfNeeded: byte)
            }
        }

        private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
    }
}
