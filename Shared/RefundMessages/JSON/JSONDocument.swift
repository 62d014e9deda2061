/// How large and how deep a JSON text may be.
package struct JSONLimits: Sendable {
    /// Bytes of the whole text. At most `Int32.max`, the width of a node's offsets.
    package var maxBytes: Int
    /// Nested objects and arrays; the outermost is 1.
    package var maxDepth: Int

    package init(maxBytes: Int, maxDepth: Int = 16) {
        precondition(maxBytes <= Int(Int32.max))
        self.maxBytes = maxBytes
        self.maxDepth = maxDepth
    }

    /// What anyone may publish: 64 KiB.
    package static let incoming = JSONLimits(maxBytes: 64 * 1024)
    /// Outcomes, and what the services send each other: 256 KiB.
    package static let outcome = JSONLimits(maxBytes: 256 * 1024)
    /// What a service stored itself: whatever it wrote it can read, so the bound is that of the nodes.
    package static let stored = JSONLimits(maxBytes: Int(Int32.max))
}

/// A parsed JSON text (RFC 8259): the bytes, and one flat list of nodes that point into them.
///
/// Nothing is decoded before it is asked for, and a node knows its parent, so that the JSON Pointer
/// of a fault costs nothing until there is a fault.
package final class JSONDocument: Sendable {
    let bytes: [UInt8]
    /// In document order; the first is the root, a container's members follow it.
    let nodes: [JSONNode]

    /// Parses and checks the whole text, also what nobody will read.
    ///
    /// Judged in this order: size (`tooLarge`), depth (`tooDeep`, also of a text that is no JSON
    /// elsewhere), form (`malformedJSON`: not JSON, empty, a byte order mark, invalid UTF-8, a lone
    /// surrogate, a key twice in one object).
    package init(_ bytes: [UInt8], limits: JSONLimits = .incoming) throws(MessageFault) {
        guard bytes.count <= limits.maxBytes else {
            throw MessageFault(
                .tooLarge,
                "The body has \(bytes.count) bytes; at most \(limits.maxBytes) are accepted.")
        }
        var parser = JSONParser(bytes, maxDepth: limits.maxDepth)
        do {
            try parser.parseDocument()
        } catch {
            // The parser stops at the first fault of form; a deeper place may still follow it.
            if error.reason == .malformedJSON, parser.isTooDeepSomewhere() {
                throw parser.tooDeep()
            }
            throw error
        }
        self.bytes = bytes
        self.nodes = parser.nodes
    }

    /// The outermost value.
    package var root: JSONValue { JSONValue(document: self, index: 0) }
}

/// One value of a document.
struct JSONNode: Sendable {
    enum Kind: UInt8, Sendable { case object, array, string, number, `true`, `false`, null }

    var kind: Kind
    /// Whether the string, or the name of the member, has escapes to undo.
    var hasEscapes = false
    var nameHasEscapes = false
    /// The bytes of the value; of a string those between its quotes.
    var start: Int32
    var end: Int32 = 0
    /// The bytes of the member's name between its quotes; empty outside objects.
    var nameStart: Int32 = 0
    var nameEnd: Int32 = 0
    /// Index of the container's node, -1 for the root.
    var parent: Int32
    /// Index of the first node after this value and everything in it.
    var next: Int32 = 0

    var range: Range<Int> { Int(start)..<Int(end) }
    var nameRange: Range<Int> { Int(nameStart)..<Int(nameEnd) }
}
