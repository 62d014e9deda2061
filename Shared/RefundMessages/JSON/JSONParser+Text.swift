/// The bytes of a string between its quotes, escapes not undone.
struct JSONText {
    var start: Int32
    var end: Int32
    var hasEscapes: Bool
}

extension JSONParser {
    /// From the opening quote to behind the closing one. Whatever is in it is checked here, so that
    /// undoing the escapes later cannot fail.
    mutating func scanString() throws(MessageFault) -> JSONText {
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            skipPlainText()
            let byte = peek()
            switch byte {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return JSONText(start: Int32(start), end: Int32(position), hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try scanEscape()
            case 0x80...: try scanMultibyte(byte)
            default: throw malformed("a string does not end, or has a control character")
            }
        }
    }

    /// Past ASCII that stands for itself: most of any text, so the loop is as tight as it can be.
    private mutating func skipPlainText() {
        let bytes = bytes
        var index = position
        while index < bytes.count, bytes[index].isPlainText { index += 1 }
        position = index
    }

    private mutating func scanEscape() throws(MessageFault) {
        position += 1
        switch peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            switch try scanCodeUnit() {
            case 0xD800..<0xDC00:
                guard consume(UInt8(ascii: "\\")), peek() == UInt8(ascii: "u"),
                    (0xDC00..<0xE000).contains(try scanCodeUnit())
                else { throw malformed("a surrogate stands alone") }
            case 0xDC00..<0xE000: throw malformed("a surrogate stands alone")
            default: break
            }
        default: throw malformed("an escape is unknown")
        }
    }

    /// The `uXXXX` of an escape.
    private mutating func scanCodeUnit() throws(MessageFault) -> UInt32 {
        position += 1
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = hexDigit(peek()) else { throw malformed("an escape is no number") }
            unit = unit << 4 | digit
            position += 1
        }
        return unit
    }

    /// One scalar of two to four bytes, well-formed as Unicode's Table 3-7 says: no overlong form,
    /// no surrogate, nothing above U+10FFFF.
    private mutating func scanMultibyte(_ lead: UInt8) throws(MessageFault) {
        let (following, second): (Int, ClosedRange<UInt8>) =
            switch lead {
            case 0xC2...0xDF: (1, 0x80...0xBF)
            case 0xE0: (2, 0xA0...0xBF)
            case 0xE1...0xEC, 0xEE...0xEF: (2, 0x80...0xBF)
            case 0xED: (2, 0x80...0x9F)
            case 0xF0: (3, 0x90...0xBF)
            case 0xF1...0xF3: (3, 0x80...0xBF)
            case 0xF4: (3, 0x80...0x8F)
            default: throw malformed("a string is not UTF-8")
            }
        position += 1
        guard second.contains(peek()) else { throw malformed("a string is not UTF-8") }
        position += 1
        for _ in 1..<following {
            guard (0x80...0xBF).contains(peek()) else { throw malformed("a string is not UTF-8") }
            position += 1
        }
    }
}

extension UInt8 {
    /// ASCII in a JSON string that is neither its end nor an escape nor a control character.
    fileprivate var isPlainText: Bool { self &- 0x20 < 0x60 && self != 0x22 && self != 0x5C }
}

/// The value of a hexadecimal digit.
func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}

/// The bytes that a checked string with escapes stands for.
func unescaped(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(range.count)
    var index = range.lowerBound

    func codeUnit() -> UInt32 {
        var unit: UInt32 = 0
        for offset in 0..<4 { unit = unit << 4 | (hexDigit(bytes[index + offset]) ?? 0) }
        index += 4
        return unit
    }

    while index < range.upperBound {
        guard bytes[index] == UInt8(ascii: "\\") else {
            result.append(bytes[index])
            index += 1
            continue
        }
        let escape = bytes[index + 1]
        index += 2
        switch escape {
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = codeUnit()
            if (0xD800..<0xDC00).contains(scalar) {
                index += 2
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (codeUnit() - 0xDC00)
            }
            if let utf8 = Unicode.Scalar(scalar).flatMap(UTF8.encode) {
                result.append(contentsOf: utf8)
            }
        default: result.append(escape)
        }
    }
    return result
}
