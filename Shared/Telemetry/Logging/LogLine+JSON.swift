import Logging

extension LogLine {
    /// One JSON object and a line feed: the line's own keys first, then the metadata.
    func json() -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(256)
        out += Array(#"{"time":""#.utf8)
        time.appendRFC3339(to: &out)
        out.append(UInt8(ascii: "\""))
        for (key, value) in [
            ("level", level.rawValue), ("service", service), ("message", message),
        ] + fields {
            out.append(UInt8(ascii: ","))
            Self.appendQuoted(key, to: &out)
            out.append(UInt8(ascii: ":"))
            Self.appendQuoted(value, to: &out)
        }
        out += Array("}\n".utf8)
        return out
    }

    /// A JSON string (RFC 8259 §7): quotes, backslashes and control characters are escaped, as are
    /// DEL and the C1 controls, which a terminal would obey.
    static func appendQuoted(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += Array(#"\""#.utf8)
            case "\\": out += Array(#"\\"#.utf8)
            case "\n": out += Array(#"\n"#.utf8)
            case "\t": out += Array(#"\t"#.utf8)
            case "\u{0}"..<" ", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
                appendEscape(scalar, to: &out)
            default: out += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(_ scalar: Unicode.Scalar, to out: inout [UInt8]) {
        let hex = String(scalar.value, radix: 16)
        out += Array("\\u".utf8)
        out += Array(repeating: UInt8(ascii: "0"), count: 4 - hex.utf8.count)
        out += Array(hex.utf8)
    }
}
