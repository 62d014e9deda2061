/// What makes dead letters of one kind: reason, place of the fault and type.
enum Fingerprint {
    /// Bytes of the hash that name a group.
    private static let bytes = 8

    /// 16 hex digits.
    static func of(reason: String, path: String?, type: String?) -> String {
        var digest = Digest()
        digest.add(reason)
        digest.add(path)
        digest.add(type)
        return digest.hex(bytes)
    }

    /// The path with `*` for every list index, so that the third line's fault is the first's.
    static func place(_ path: String?) -> String? {
        path?.split(separator: "/", omittingEmptySubsequences: false)
            .map { part in
                !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? "*" : part
            }.joined(separator: "/")
    }
}
