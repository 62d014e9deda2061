/// A value of a document, or the place where one is missing: a cursor that knows its own path.
///
/// Reading is by place: `try json["payments"]` is the member, present or not, and what is asked of
/// it next says whether it may be missing:
///
/// ```swift
/// let cash = try json["cash"].integer(0...100)              // missing: a fault at /…/cash
/// let reason = try json["reason"].ifPresent?.text(0...500)  // missing or null: nil
/// let ids = try json["lines"].list { element throws(MessageFault) in try element.identifier() }
/// ```
///
/// Every reading throws `invalidMessage` with the JSON Pointer (RFC 6901) of its own place. Faults
/// therefore come in the order of the reading.
package struct JSONValue: Sendable {
    let document: JSONDocument
    /// Of the node; where nothing is, of the object that has no such member.
    private let index: Int
    /// The name of the member that is missing.
    private let absent: StaticString?

    init(document: JSONDocument, index: Int, absent: StaticString? = nil) {
        self.document = document
        self.index = index
        self.absent = absent
    }

    /// The node, unless the value is missing.
    var node: JSONNode? { absent == nil ? document.nodes[index] : nil }

    /// The value, unless it is missing or null: for what is optional.
    package var ifPresent: JSONValue? {
        guard let node, node.kind != .null else { return nil }
        return self
    }

    /// The member of that name. Throws where this is no object.
    package subscript(name: StaticString) -> JSONValue {
        get throws(MessageFault) {
            guard let node, node.kind == .object else { throw fault("must be an object") }
            let (nodes, bytes) = (document.nodes, document.bytes)
            let length = Int32(name.utf8CodeUnitCount)
            let first = length > 0 ? name.utf8Start.pointee : 0
            var child = index + 1
            while child < Int(node.next) {
                // Most members are others, and most of them by their length and their first byte.
                let (start, end) = (nodes[child].nameStart, nodes[child].nameEnd)
                let mayBe = end - start == length && (length == 0 || bytes[Int(start)] == first)
                if mayBe || nodes[child].nameHasEscapes,
                    document.name(of: nodes[child], is: name)
                {
                    return JSONValue(document: document, index: child)
                }
                child = Int(nodes[child].next)
            }
            return JSONValue(document: document, index: index, absent: name)
        }
    }

    /// Throws at the first member of an object that is none of these, or null: for what neither a
    /// misspelt name nor a forgotten value may change the meaning of.
    package func hasOnly(_ names: [StaticString]) throws(MessageFault) {
        guard let node, node.kind == .object else { throw fault("must be an object") }
        var child = index + 1
        while child < Int(node.next) {
            let member = document.nodes[child]
            guard names.contains(where: { document.name(of: member, is: $0) }) else {
                throw JSONValue(document: document, index: child).fault("is not known here")
            }
            guard member.kind != .null else {
                throw JSONValue(document: document, index: child).fault("must not be null")
            }
            child = Int(member.next)
        }
    }

    /// The elements of an array, each read by `read`, with their number bounded.
    package func list<Element>(
        _ count: ClosedRange<Int> = 0...Int(Int32.max),
        _ read: (JSONValue) throws(MessageFault) -> Element
    ) throws(MessageFault) -> [Element] {
        guard let node, node.kind == .array else { throw fault("must be a list") }
        var elements: [Element] = []
        var child = index + 1
        while child < Int(node.next) {
            guard elements.count < count.upperBound else {
                throw fault("must have at most \(count.upperBound) elements")
            }
            elements.append(try read(JSONValue(document: document, index: child)))
            child = Int(document.nodes[child].next)
        }
        guard elements.count >= count.lowerBound else {
            throw fault("must have at least \(count.lowerBound) elements")
        }
        return elements
    }

    /// The elements of an array of values that read themselves.
    package func list<Element: JSONReadable>(
        _ count: ClosedRange<Int> = 0...Int(Int32.max), of: Element.Type = Element.self
    ) throws(MessageFault) -> [Element] {
        try list(count) { (value) throws(MessageFault) in try Element(json: value) }
    }
}

/// A value that reads itself from JSON, strictly.
package protocol JSONReadable {
    init(json: JSONValue) throws(MessageFault)
}

extension JSONValue {
    /// JSON Pointer (RFC 6901): empty for the root.
    package var path: String {
        guard let absent else { return document.path(to: index) }
        return document.path(to: index) + "/" + "\(absent)".escapedForPointer
    }

    /// A fault at this place. `rule` completes the sentence "The value at … <rule>." and holds
    /// nothing of the body; where the value is missing, that is said instead.
    package func fault(_ rule: String) -> MessageFault {
        absent == nil ? Self.fault(at: path, rule) : missing()
    }

    /// The fault that something required is absent or null.
    package func missing() -> MessageFault { Self.fault(at: path, "is missing") }

    /// A fault at a place that is named outright, as for rules across fields.
    package static func fault(at path: String, _ rule: String) -> MessageFault {
        let place = path.isEmpty ? "The body" : "The value at \(path)"
        return MessageFault(.invalidMessage, path: path, "\(place) \(rule).")
    }
}

extension JSONDocument {
    func name(of node: JSONNode, is name: StaticString) -> Bool {
        if node.nameHasEscapes {
            let unescapedName = unescaped(bytes, node.nameRange)
            return unescapedName.count == name.utf8CodeUnitCount
                && name.matches(unescapedName, at: 0)
        }
        return Int(node.nameEnd - node.nameStart) == name.utf8CodeUnitCount
            && name.matches(bytes, at: Int(node.nameStart))
    }

    func path(to index: Int) -> String {
        let node = nodes[index]
        guard node.parent >= 0 else { return "" }
        let parent = Int(node.parent)
        let prefix = path(to: parent)
        if nodes[parent].kind == .object {
            return prefix + "/"
                + text(nodes[index].nameRange, node.nameHasEscapes).escapedForPointer
        }
        var (position, sibling) = (0, parent + 1)
        while sibling < index {
            sibling = Int(nodes[sibling].next)
            position += 1
        }
        return "\(prefix)/\(position)"
    }

    func text(_ range: Range<Int>, _ hasEscapes: Bool) -> String {
        hasEscapes
            ? String(decoding: unescaped(bytes, range), as: UTF8.self)
            : String(decoding: bytes[range], as: UTF8.self)
    }
}

extension String {
    /// RFC 6901 §3: `~` and `/` have escapes in a pointer.
    var escapedForPointer: String {
        guard utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
            return self
        }
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "~": result += "~0"
            case "/": result += "~1"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
