extension JSONParser {
    /// Up to here names are compared pair by pair; beyond, through a set, so that an object of
    /// thousands of members costs no more than its length.
    private static let maxPairwise = 16

    /// Refuses an object that has a name twice, escapes undone.
    func refuseDuplicates(in index: Int, count: Int) throws(MessageFault) {
        guard count > 1 else { return }
        guard count <= Self.maxPairwise else { return try refuseDuplicatesInLarge(index, count) }
        var member = Int(nodes[index + 1].next)
        while member < nodes.count {
            var earlier = index + 1
            while earlier < member {
                if haveSameName(nodes[earlier], nodes[member]) { throw duplicate() }
                earlier = Int(nodes[earlier].next)
            }
            member = Int(nodes[member].next)
        }
    }

    private func refuseDuplicatesInLarge(_ index: Int, _ count: Int) throws(MessageFault) {
        var seen = Set<[UInt8]>(minimumCapacity: count)
        var member = index + 1
        while member < nodes.count {
            guard seen.insert(name(of: nodes[member])).inserted else { throw duplicate() }
            member = Int(nodes[member].next)
        }
    }

    private func haveSameName(_ left: JSONNode, _ right: JSONNode) -> Bool {
        if left.nameHasEscapes || right.nameHasEscapes { return name(of: left) == name(of: right) }
        guard left.nameEnd - left.nameStart == right.nameEnd - right.nameStart else { return false }
        var (here, there) = (Int(left.nameStart), Int(right.nameStart))
        while here < Int(left.nameEnd) {
            if bytes[here] != bytes[there] { return false }
            here += 1
            there += 1
        }
        return true
    }

    private func name(of node: JSONNode) -> [UInt8] {
        node.nameHasEscapes ? unescaped(bytes, node.nameRange) : Array(bytes[node.nameRange])
    }

    private func duplicate() -> MessageFault { malformed("an object has a name twice") }
}
