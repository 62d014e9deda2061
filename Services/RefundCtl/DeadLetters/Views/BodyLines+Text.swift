/// How a body is printed: numbered lines, the fault underlined, nothing that a terminal would obey.
extension BodyLines {
    /// Lines shown, at most: of a longer body those around the fault.
    static let mostLines = 200
    /// Columns of a line, at most.
    static let widest = 160

    /// - Parameter label: stands beside the mark.
    func text(label: String, _ paint: (String, Style) -> String) -> [String] {
        let shown = window
        let width = String(shown.upperBound).count
        var result: [String] = []
        if shown.lowerBound > 0 {
            result.append(paint("… \(shown.lowerBound) lines above", .faint))
        }
        for index in shown {
            let isMarked = index == mark?.line
            let (text, underline) = Self.line(lines[index], isMarked ? mark?.range : nil)
            let number =
                String(repeating: " ", count: width - String(index + 1).count)
                + String(index + 1)
            result.append(paint("\(number) │ ", .faint) + paint(text, isMarked ? .title : .plain))
            guard isMarked, let underline else { continue }
            let missing = mark?.missing.map { " \($0.clipped(to: 64)) is missing here" }
            result.append(
                paint(String(repeating: " ", count: width) + " │ ", .faint)
                    + paint("\(underline) \(label)\(missing.map { ":" + $0 } ?? "")", .bad))
        }
        let below = lines.count - shown.upperBound
        if below > 0 { result.append(paint("… \(below) lines below", .faint)) }
        return result
    }

    private var window: Range<Int> {
        guard lines.count > Self.mostLines else { return 0..<lines.count }
        let start = max(
            0, min((mark?.line ?? 0) - Self.mostLines / 2, lines.count - Self.mostLines))
        return start..<(start + Self.mostLines)
    }

    /// The line, made printable and cut around the mark, and what underlines it.
    private static func line(
        _ text: String, _ mark: Range<Int>?
    ) -> (text: String, underline: String?) {
        let scalars = Array(text.unicodeScalars)
        let part = { (range: Range<Int>) in
            String(String.UnicodeScalarView(scalars[range.clamped(to: 0..<scalars.count)]))
                .printable
        }
        guard let mark else { return (part(0..<(widest + 1)).clipped(to: widest), nil) }
        // Enough before the mark to see where it is.
        let start = mark.lowerBound > widest / 2 ? mark.lowerBound - widest / 4 : 0
        let before = (start > 0 ? "…" : "") + part(start..<mark.lowerBound)
        let marked = part(mark)
        let rest = part(mark.lowerBound..<(mark.lowerBound + widest + 1))
        let left = max(1, widest - before.columns)
        return (
            before + rest.clipped(to: left),
            String(repeating: " ", count: before.columns)
                + String(repeating: "^", count: min(max(1, marked.columns), left))
        )
    }
}

/// Bytes that are no text: offset, hexadecimal, and what of it is ASCII.
enum HexDump {
    static let perLine = 16
    /// Lines shown, at most.
    static let mostLines = 32

    static func lines(_ bytes: [UInt8]) -> [String] {
        let starts = stride(from: 0, to: bytes.count, by: perLine).prefix(mostLines)
        var lines = starts.map { start in
            let part = bytes[start..<min(start + perLine, bytes.count)]
            let hex = part.map { padded($0, to: 2) }.joined(separator: " ")
            let text = part.map { (0x20...0x7E).contains($0) ? String(UnicodeScalar($0)) : "." }
            return "\(padded(start, to: 8))  \(hex.padded(to: perLine * 3 - 1))  "
                + "|\(text.joined())|"
        }
        let left = bytes.count - perLine * mostLines
        if left > 0 { lines.append("… \(left) bytes below") }
        return lines
    }

    private static func padded(_ number: some BinaryInteger, to width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
