/// What the AMQP properties of a message must say before its body is looked at.
public enum MessageEnvelope {
    /// Checks `type`, `content_type` and `content_encoding`.
    ///
    /// All three may be missing: version 1 of what the exchange carries is assumed, as JSON. For a
    /// usage document the routing key says what is expected: pass
    /// ``Usage/messageType(for:)`` of its product, and a `type` that disagrees is refused.
    ///
    /// - Throws: `unsupportedType` where `type` is another than expected; `unsupportedEncoding`
    ///   where the content is another than `application/json` in UTF-8 (parameters and letter case
    ///   aside), or encoded in any way but `identity`.
    public static func check(
        type: String?, contentType: String?, contentEncoding: String?, expecting expected: String
    ) throws(MessageFault) {
        if let type, type != expected {
            throw MessageFault(
                .unsupportedType, "The property type must be \(expected) or missing.")
        }
        if let contentType, !isJSON(contentType) {
            throw MessageFault(
                .unsupportedEncoding,
                "The property content_type must be application/json in UTF-8, or missing.")
        }
        if let contentEncoding, contentEncoding.lowercased() != "identity" {
            throw MessageFault(
                .unsupportedEncoding,
                "The property content_encoding must be identity or missing.")
        }
    }

    /// A media type (RFC 9110 §8.3.1) that is JSON, with no charset other than UTF-8.
    private static func isJSON(_ mediaType: String) -> Bool {
        if mediaType == "application/json" { return true }
        let parts = mediaType.lowercased().split(separator: ";", omittingEmptySubsequences: false)
        guard let type = parts.first, type.trimmed == "application/json" else { return false }
        return parts.dropFirst().allSatisfy { parameter in
            let pair = parameter.trimmed.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.first == "charset" else { return true }
            return pair.count == 2 && (pair[1] == "utf-8" || pair[1] == "\"utf-8\"")
        }
    }
}

extension Substring {
    /// Without the spaces and tabs around it.
    fileprivate var trimmed: Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var result = drop(while: isSpace)
        while let last = result.last, isSpace(last) { result.removeLast() }
        return result
    }
}
