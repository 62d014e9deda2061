/// JSON as bytes, for terminals and for reading.
enum JSONBytes {
    /// The same JSON with everything escaped that a terminal would obey: RFC 8259 §7 lets any character
    /// of a string be written as `\u`, and such characters stand in strings only.
    static func printable(_ json: some Sequence<UInt8>) -> [UInt8] {
        let text = String(decoding: Array(json), as: UTF8.self)
        guard text.unicodeScalars.contains(where: isUnsafe) else { return Array(text.utf8) }
        var result: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard isUnsafe(scalar) else {
                result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                continue
            }
            for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                let digits = String(unit, radix: 16)
                result += "\\u".utf8
                result += String(repeating: "0", count: 4 - digits.count).utf8
                result += digits.utf8
            }
        }
        return result
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value > 0x20 && scalar.isUnsafeToPrint
    }

    /// The same JSON with the symbol for NUL (U+2400) for each escaped U+0000, which no text of a
    /// message may have and the reader therefore refuses: what is shown may have it.
    static func withoutNUL(_ json: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(json.count)
        var index = 0
        while index < json.count {
            guard json[index] == UInt8(ascii: "\\"), index + 1 < json.count else {
                result.append(json[index])
                index += 1
                continue
            }
            if json[index...].starts(with: "\\u0000".utf8) {
                result += "\u{2400}".utf8
                index += 6
            } else {
                result += json[index...(index + 1)]
                index += 2
            }
        }
        return result
    }

    /// JSON without the white space between its parts.
    static func compact(_ json: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var isInString = false
        var isEscaped = false
        for byte in json {
            if !isInString, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
                continue
            }
            result.append(byte)
            if isInString, !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                if byte == UInt8(ascii: "\""), !isEscaped { isInString.toggle() }
                isEscaped = false
            }
        }
        return result
    }
}
