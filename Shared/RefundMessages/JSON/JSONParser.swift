/// Builds the nodes of a document. Its recursion is bounded by `maxDepth`.
struct JSONParser {
    let bytes: [UInt8]
    let maxDepth: Int
    var position = 0
    var nodes: [JSONNode] = []

    init(_ bytes: [UInt8], maxDepth: Int) {
        self.bytes = bytes
        self.maxDepth = maxDepth
        nodes.reserveCapacity(bytes.count / 16 + 8)
    }

    mutating func parseDocument() throws(MessageFault) {
        try parseValue(parent: -1, depth: 1, name: nil)
        skipSpace()
        guard position == bytes.count else { throw malformed("something follows the JSON value") }
    }

    private mutating func parseValue(
        parent: Int32, depth: Int, name: JSONText?
    ) throws(MessageFault) {
        skipSpace()
        let index = nodes.count
        var node = JSONNode(kind: .null, start: Int32(position), parent: parent)
        if let name {
            node.nameStart = name.start
            node.nameEnd = name.end
            node.nameHasEscapes = name.hasEscapes
        }
        switch peek() {
        case UInt8(ascii: "{"): node.kind = .object
        case UInt8(ascii: "["): node.kind = .array
        case UInt8(ascii: "\""):
            let text = try scanString()
            node.kind = .string
            (node.start, node.end, node.hasEscapes) = (text.start, text.end, text.hasEscapes)
        case UInt8(ascii: "t"): try scan("true", .true, &node)
        case UInt8(ascii: "f"): try scan("false", .false, &node)
        case UInt8(ascii: "n"): try scan("null", .null, &node)
        default:
            try scanNumber()
            node.kind = .number
            node.end = Int32(position)
        }
        node.next = Int32(index + 1)
        nodes.append(node)
        if node.kind == .object || node.kind == .array {
            guard depth <= maxDepth else { throw tooDeep() }
            position += 1
            if node.kind == .object {
                try parseMembers(of: Int32(index), depth: depth)
            } else {
                try parseElements(of: Int32(index), depth: depth)
            }
            nodes[index].end = Int32(position)
            nodes[index].next = Int32(nodes.count)
        }
    }

    private mutating func parseMembers(of index: Int32, depth: Int) throws(MessageFault) {
        skipSpace()
        if consume(UInt8(ascii: "}")) { return }
        var count = 0
        repeat {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { throw malformed("a member has no name") }
            let name = try scanString()
            skipSpace()
            guard consume(UInt8(ascii: ":")) else { throw malformed("a colon is missing") }
            try parseValue(parent: index, depth: depth + 1, name: name)
            skipSpace()
            count += 1
        } while consume(UInt8(ascii: ","))
        guard consume(UInt8(ascii: "}")) else { throw malformed("an object does not end") }
        try refuseDuplicates(in: Int(index), count: count)
    }

    private mutating func parseElements(of index: Int32, depth: Int) throws(MessageFault) {
        skipSpace()
        if consume(UInt8(ascii: "]")) { return }
        repeat {
            try parseValue(parent: index, depth: depth + 1, name: nil)
            skipSpace()
        } while consume(UInt8(ascii: ","))
        guard consume(UInt8(ascii: "]")) else { throw malformed("an array does not end") }
    }

    private mutating func scan(
        _ literal: StaticString, _ kind: JSONNode.Kind, _ node: inout JSONNode
    ) throws(MessageFault) {
        let length = literal.utf8CodeUnitCount
        guard position + length <= bytes.count, literal.matches(bytes, at: position) else {
            throw malformed("no JSON value stands here")
        }
        position += length
        node.kind = kind
        node.end = Int32(position)
    }
}

extension JSONParser {
    /// The byte at the position, 0 at the end: 0 is allowed nowhere in JSON.
    func peek() -> UInt8 { position < bytes.count ? bytes[position] : 0 }

    mutating func consume(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    mutating func skipSpace() {
        while position < bytes.count, bytes[position] <= 0x20 {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    func malformed(_ what: String) -> MessageFault {
        MessageFault(.malformedJSON, "The body is not JSON: \(what) (byte \(position)).")
    }

    func tooDeep() -> MessageFault {
        MessageFault(.tooDeep, "The body is nested deeper than \(maxDepth) levels.")
    }

    /// Whether the text nests too deep anywhere outside strings, whatever its form. Not recursive.
    func isTooDeepSomewhere() -> Bool {
        var depth = 0
        var inString = false
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\") where inString: index += 1
            case UInt8(ascii: "\""): inString.toggle()
            case UInt8(ascii: "{") where !inString, UInt8(ascii: "[") where !inString:
                depth += 1
                if depth > maxDepth { return true }
            case UInt8(ascii: "}") where !inString, UInt8(ascii: "]") where !inString:
                depth = max(0, depth - 1)
            default: break
            }
            index += 1
        }
        return false
    }
}

extension StaticString {
    /// Whether these bytes stand there, all of them within `bytes`.
    func matches(_ bytes: [UInt8], at start: Int) -> Bool {
        let count = utf8CodeUnitCount
        guard start + count <= bytes.count else { return false }
        return withUTF8Buffer { text in
            for offset in 0..<count where text[offset] != bytes[start + offset] { return false }
            return true
        }
    }
}
