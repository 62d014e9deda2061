import COpenSSL

/// SHA-256 over parts that cannot run into each other: each is preceded by its length.
struct Digest {
    /// Bytes kept of a hash that names something: 128 bits.
    static let keptBytes = 16

    private var content: [UInt8] = []

    mutating func add(_ part: [UInt8]?) {
        let count = part.map { Int64($0.count) } ?? -1
        withUnsafeBytes(of: count.bigEndian) { content += $0 }
        content += part ?? []
    }

    mutating func add(_ text: String?) { add(text.map { Array($0.utf8) }) }

    /// The first ``keptBytes`` of the hash.
    var value: [UInt8] {
        let hash = [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) {
            buffer, count in
            SHA256(content, content.count, buffer.baseAddress)
            count = Int(SHA256_DIGEST_LENGTH)
        }
        return Array(hash.prefix(Self.keptBytes))
    }

    /// The first `bytes` of the hash as hex digits.
    func hex(_ bytes: Int) -> String { value.prefix(bytes).hex }
}

extension Sequence<UInt8> {
    /// Two lower-case hex digits for each byte.
    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
