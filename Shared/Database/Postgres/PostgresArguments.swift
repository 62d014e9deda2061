/// The arguments of one execution as libpq takes them, in one buffer that is used again.
///
/// Numbers go as text, since the server alone knows the parameter's width; text and bytes go in
/// binary, which for both is the bytes themselves. Arrays go in binary.
struct PostgresArguments {
    private static let text: Int32 = 0
    private static let binary: Int32 = 1

    private var bytes: [UInt8] = []
    /// Where each begins in `bytes`; negative for null.
    private var starts: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var pointers: [UnsafePointer<CChar>?] = []

    /// Takes the place of the arguments before.
    mutating func encode(_ values: [SQLValue]) throws(DatabaseError) {
        clear()
        guard values.count <= Int(UInt16.max) else {
            throw DatabaseError(
                .statement, "\(values.count) arguments are more than PostgreSQL's 65535.")
        }
        for (index, value) in values.enumerated() {
            starts.append(bytes.count)
            switch value {
            case .null:
                starts[index] = -1
                close(from: bytes.count, Self.text)
            case .integer(let integer):
                let start = bytes.count
                appendDigits(integer)
                close(from: start, Self.text)
                bytes.append(0)
            case .text(let text):
                let start = bytes.count
                try append(text, number: index + 1)
                close(from: start, Self.binary)
            case .blob(let blob):
                let start = bytes.count
                append(blob)
                close(from: start, Self.binary)
            }
        }
        end()
    }

    /// For a statement without arguments.
    mutating func encodeNothing() {
        clear()
        end()
    }

    /// Forgets the arguments before.
    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
    }

    /// After the last argument.
    mutating func end() {
        // Else an empty argument at the very end would have no address, which means null.
        bytes.append(0)
    }

    /// Bytes so far.
    var count: Int { bytes.count }

    mutating func append(_ integer: some FixedWidthInteger) {
        withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ blob: [UInt8]) { bytes.append(contentsOf: blob) }

    /// - Parameter number: of the argument that it is, or is in.
    mutating func append(_ text: String, number: Int) throws(DatabaseError) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        guard !bytes[start...].contains(0) else {
            throw DatabaseError(
                .statement,
                "The text for $\(number) holds U+0000, which PostgreSQL cannot keep.")
        }
    }

    mutating func replace(_ integer: Int32, at position: Int) {
        withUnsafeBytes(of: integer.bigEndian) {
            bytes.replaceSubrange(position..<position + 4, with: $0)
        }
    }

    /// Ends an argument in binary.
    mutating func closeBinary(from start: Int) {
        starts.append(start)
        close(from: start, Self.binary)
    }

    /// Calls with count, values, lengths and formats, in libpq's order.
    mutating func withPointers<Result>(
        _ body: (
            Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
            UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { raw in
            let base = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
            pointers.removeAll(keepingCapacity: true)
            for start in starts { pointers.append(start < 0 ? nil : base.map { $0 + start }) }
            return pointers.withUnsafeBufferPointer { values in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(
                            Int32(starts.count), values.baseAddress, lengths.baseAddress,
                            formats.baseAddress)
                    }
                }
            }
        }
    }

    private mutating func close(from start: Int, _ format: Int32) {
        lengths.append(Int32(bytes.count - start))
        formats.append(format)
    }

    private mutating func appendDigits(_ integer: Int64) {
        if integer < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = integer.magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}
