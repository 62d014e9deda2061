/// The arguments of one execution as libpq takes them, in one buffer that is used again.
///
/// Numbers go as text, since the server alone knows the parameter's width; text and bytes go in
/// binary, which for both is the bytes themselves.
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
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
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
                append(integer)
                close(from: start, Self.text)
                bytes.append(0)
            case .text(let text):
                let start = bytes.count
                bytes.append(contentsOf: text.utf8)
                guard !bytes[start...].contains(0) else {
                    throw DatabaseError(
                        .statement,
                        "The text for $\(index + 1) holds U+0000, which PostgreSQL cannot keep.")
                }
                close(from: start, Self.binary)
            case .blob(let blob):
                let start = bytes.count
                bytes.append(contentsOf: blob)
                close(from: start, Self.binary)
            }
        }
        // Else an empty argument at the very end would have no address, which means null.
        bytes.append(0)
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

    private mutating func append(_ integer: Int64) {
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
