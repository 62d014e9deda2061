import RefundMessages

/// A body as people read it: indented, with the line of the fault.
struct PrettyJSON {
    /// Bytes of a body that is indented; a larger one is shown as it is.
    static let maximumBytes = 256 * 1_024
    private static let indent = 2

    private(set) var lines: [String] = []
    /// The line of the fault, from 1; nil where there is no path, or the body has no such place.
    private(set) var faultLine: Int?

    private let bytes: [UInt8]
    private let path: String?
    private var position = 0
    private var line: [UInt8] = []

    /// Nil for a body that is no JSON, or too large or deep for a message of ours.
    ///
    /// - Parameter path: JSON Pointer to the fault. The place of a missing member is the line where
    ///   its object begins.
    init?(_ body: [UInt8], path: String?) {
        guard body.count <= Self.maximumBytes,
            (try? JSONDocument(body, limits: .outcome)) != nil
        else { return nil }
        bytes = body
        self.path = path
        value(depth: 0, at: "")
        endLine()
    }

    var text: String { lines.joined(separator: "\n") }

    // The bytes are JSON, nested at most 16 deep: that was checked.

    private mutating func value(depth: Int, at place: String) {
        mark(place)
        skipSpace()
        switch bytes[position] {
        case UInt8(ascii: "{"): container(depth, place, closing: UInt8(ascii: "}"))
        case UInt8(ascii: "["): container(depth, place, closing: UInt8(ascii: "]"))
        case UInt8(ascii: "\""): line += string()
        default:
            while position < bytes.count, !Self.endsScalar(bytes[position]) {
                line.append(bytes[position])
                position += 1
            }
        }
        skipSpace()
    }

    private mutating func container(_ depth: Int, _ place: String, closing: UInt8) {
        take()
        skipSpace()
        var index = 0
        while bytes[position] != closing {
            endLine()
            line += [UInt8](repeating: 0x20, count: (depth + 1) * Self.indent)
            var name = "\(index)"
            if closing == UInt8(ascii: "}") {
                let quoted = string()
                name = Self.unescaped(quoted)
                line += quoted
                skipSpace()
                take()
                line.append(0x20)
            }
            value(depth: depth + 1, at: "\(place)/\(Self.pointer(name))")
            if bytes[position] == UInt8(ascii: ",") { take() }
            skipSpace()
            index += 1
        }
        if index > 0 {
            endLine()
            line += [UInt8](repeating: 0x20, count: depth * Self.indent)
        }
        take()
    }

    /// A string with its quotes, as it stands.
    private mutating func string() -> [UInt8] {
        let start = position
        position += 1
        while bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position += 1
        return Array(bytes[start..<position])
    }

    private mutating func take() {
        line.append(bytes[position])
        position += 1
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private mutating func endLine() {
        lines.append(String(decoding: line, as: UTF8.self))
        line = []
    }

    /// The nearest place that there is: the fault's own, or what it is missing from.
    private mutating func mark(_ place: String) {
        guard let path, path == place || path.hasPrefix(place + "/") else { return }
        faultLine = lines.count + 1
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}")
            || byte == UInt8(ascii: "]")
    }

    /// A member's name without escapes: read by the codec.
    private static func unescaped(_ quoted: [UInt8]) -> String {
        let text = try? JSONDocument(quoted, limits: .outcome).root.text(0...Int(Int32.max))
        return text ?? String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
    }

    /// RFC 6901 §3.
    private static func pointer(_ name: String) -> String {
        name.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }
}
