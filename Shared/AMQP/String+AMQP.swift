internal import Glibc

// AMQP's texts (names, keys, properties) are bytes that need not be UTF-8, and Swift's are always. So
// that nothing of a message is lost on its way through, each byte that is part of no UTF-8 stands in
// the text as a private-use character of its own, U+10FE00 + byte, as PEP 383 does with surrogates,
// which Swift has not. Those characters themselves are taken for bytes that are no UTF-8, so different
// bytes never make one text. Where U+0000 cannot be kept, U+10FE00 may stand for it.
extension String {
    /// The text of those bytes: U+10FE00 + byte for each that is no UTF-8.
    public init(amqpBytes bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { String(lossless: $0) }
    }

    /// The bytes of which this is the text: one for each of U+10FE00 … U+10FEFF.
    public var amqpBytes: [UInt8] {
        guard mayStandForBytes else { return Array(utf8) }
        return unicodeScalars.flatMap { scalar in
            ForeignByte.scalars.contains(scalar)
                ? [UInt8(truncatingIfNeeded: scalar.value)] : Array(String(scalar).utf8)
        }
    }

    /// How many ``amqpBytes`` there are.
    var amqpByteCount: Int { mayStandForBytes ? amqpBytes.count : utf8.count }

    /// False for almost every text.
    var mayStandForBytes: Bool {
        var copy = self
        return copy.withUTF8 { ForeignByte.mayBe(in: UnsafeRawBufferPointer($0)) }
    }

    init(lossless bytes: UnsafeRawBufferPointer) {
        if !ForeignByte.mayBe(in: bytes), let text = String(validating: bytes, as: UTF8.self) {
            self = text
        } else {
            self = ForeignByte.text(bytes)
        }
    }
}

/// A byte that is part of no UTF-8, as a character.
private enum ForeignByte {
    static let scalars: ClosedRange<Unicode.Scalar> = "\u{10FE00}"..."\u{10FEFF}"
    private static let base: UInt32 = 0x10FE00
    /// With which the UTF-8 of each of them begins, and hardly any other character's.
    private static let firstByte: Int32 = 0xF4

    static func mayBe(in bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress else { return false }
        return memchr(start, firstByte, bytes.count) != nil
    }

    static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        var result = String.UnicodeScalarView()
        var parser = UTF8.ForwardParser()
        var input = bytes.makeIterator()
        var position = 0
        func take(_ count: Int) {
            for byte in bytes[position..<position + count] {
                result.append(Unicode.Scalar(base + UInt32(byte)) ?? "\u{FFFD}")
            }
        }
        while true {
            switch parser.parseScalar(from: &input) {
            case .valid(let encoded):
                let scalar = UTF8.decode(encoded)
                if scalars.contains(scalar) { take(encoded.count) } else { result.append(scalar) }
                position += encoded.count
            case .error(let length):
                take(length)
                position += length
            case .emptyInput: return String(result)
            }
        }
    }
}
