import AMQP

extension String {
    /// The text without anything a terminal would obey: control characters, and the marks that
    /// reorder or hide text, are shown as `\u{1b}`, a byte of a name that is no UTF-8 as `\xff`. Data
    /// from messages is printed only like this.
    var printable: String {
        guard unicodeScalars.contains(where: \.isUnsafeToPrint) else { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.isUnsafeToPrint {
                result.append(contentsOf: scalar.escaped.unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// Made printable and cut to that many columns; what was cut is an ellipsis.
    func clipped(to width: Int) -> String {
        let text = printable
        guard text.columns > width else { return text }
        var result = String.UnicodeScalarView()
        var used = 1
        for scalar in text.unicodeScalars {
            used += scalar.columns
            if used > width { break }
            result.append(scalar)
        }
        return String(result) + "…"
    }

    /// How many columns a terminal uses for it: two for wide East Asian characters and emoji, none
    /// for marks that combine (Unicode Standard Annex #11).
    var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

    /// Filled with spaces to that many columns.
    func padded(to width: Int, alignedRight: Bool = false) -> String {
        let fill = String(repeating: " ", count: Swift.max(0, width - columns))
        return alignedRight ? fill + self : self + fill
    }
}

extension Unicode.Scalar {
    /// C0 and C1 controls, line and paragraph separators, and format characters, among them those
    /// that override the direction of text. A soft line break in data is data too.
    var isUnsafeToPrint: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse: true
        default: false
        }
    }

    fileprivate var escaped: String {
        let text = String(self)
        // One of those that stand for a byte.
        guard text.amqpBytes.count == 1, let byte = text.amqpBytes.first, value != UInt32(byte)
        else {
            return "\\u{\(String(value, radix: 16))}"
        }
        return byte < 16 ? "\\x0\(String(byte, radix: 16))" : "\\x\(String(byte, radix: 16))"
    }

    var columns: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: 0
        default: Self.wide.contains { $0.contains(value) } ? 2 : 1
        }
    }

    /// Blocks whose characters are wide or full-width.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
        0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
        0x20000...0x3FFFD,
    ]
}
