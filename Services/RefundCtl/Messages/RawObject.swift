import RefundMessages

/// The members of a JSON object with their values' bytes as they stand, for what is passed on
/// unchanged (a message's body) and for objects whose names are not known beforehand.
struct RawObject {
    struct Member {
        var name: String
        var value: ArraySlice<UInt8>
    }

    private(set) var members: [Member] = []

    /// `bytes` is checked first, as strictly as an incoming message. Throws its fault, or
    /// `invalidMessage` where it is no object.
    init(_ bytes: [UInt8]) throws(MessageFault) {
        _ = try JSONDocument(bytes, limits: .stored)
        try self.init(checked: bytes[...])
    }

    /// Of a slice of a text that was checked as a whole.
    init(checked bytes: ArraySlice<UInt8>) throws(MessageFault) {
        var scanner = RawScanner(bytes)
        guard scanner.next() == UInt8(ascii: "{") else {
            throw MessageFault(.invalidMessage, path: "", "This is not a JSON object.")
        }
        while let name = scanner.value(), name.first == UInt8(ascii: "\"") {
            _ = scanner.next()  // The colon.
            guard let value = scanner.value() else { break }
            members.append(Member(name: try Self.text(name), value: value))
            guard scanner.next() == UInt8(ascii: ",") else { break }
        }
    }

    subscript(name: String) -> ArraySlice<UInt8>? { members.first { $0.name == name }?.value }

    /// The text of a JSON string.
    static func text(_ value: ArraySlice<UInt8>) throws(MessageFault) -> String {
        try JSONDocument(Array(value), limits: .stored).root.text(0...Int.max)
    }

    /// The elements of a JSON array, as they stand.
    static func elements(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var scanner = RawScanner(bytes)
        var elements: [ArraySlice<UInt8>] = []
        guard scanner.next() == UInt8(ascii: "[") else { return [] }
        while let element = scanner.value(), element.first != UInt8(ascii: "]") {
            elements.append(element)
            guard scanner.next() == UInt8(ascii: ",") else { break }
        }
        return elements
    }
}

/// Finds where values end in a text that is known to be JSON.
private struct RawScanner {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// The next byte that is no white space, consumed.
    mutating func next() -> UInt8? {
        skipSpace()
        guard position < bytes.endIndex else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    /// The next value, or the bracket that closes the container.
    mutating func value() -> ArraySlice<UInt8>? {
        skipSpace()
        let start = position
        var depth = 0
        while position < bytes.endIndex {
            switch bytes[position] {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 {
                    return position == start ? bytes[start...start] : bytes[start..<position]
                }
                depth -= 1
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09:
                if depth == 0 { return bytes[start..<position] }
            default: break
            }
            position += 1
        }
        return start < position ? bytes[start..<position] : nil
    }

    private mutating func skipSpace() {
        while position < bytes.endIndex, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
            position += 1
        }
    }

    /// To the closing quote.
    private mutating func skipString() {
        position += 1
        while position < bytes.endIndex, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
    }
}
