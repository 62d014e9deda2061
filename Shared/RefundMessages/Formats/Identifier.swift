/// Whether the text is an id of the contract: 1–64 characters, `[A-Za-z0-9][A-Za-z0-9._:-]*`.
public func isIdentifier(_ text: String) -> Bool { isIdentifier(Array(text.utf8)[...]) }

func isIdentifier(_ text: ArraySlice<UInt8>) -> Bool {
    guard (1...64).contains(text.count), let first = text.first, first.isLetterOrDigit else {
        return false
    }
    return text.allSatisfy { byte in
        byte.isLetterOrDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-")
    }
}

/// Whether the text is a case's key: a request id, or `~` and an id for a dry run.
func isCaseKey(_ text: ArraySlice<UInt8>) -> Bool {
    isIdentifier(text.first == UInt8(ascii: "~") ? text.dropFirst() : text)
}

/// Whether the text is a leg's id: `<requestId>/<paymentId>`.
func isLegID(_ text: ArraySlice<UInt8>) -> Bool {
    guard let slash = text.firstIndex(of: UInt8(ascii: "/")) else { return false }
    return isIdentifier(text[..<slash]) && isIdentifier(text[(slash + 1)...])
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension JSONValue {
    /// The key of a case: a request id, or `~` and an id for a dry run.
    package func caseKey() throws(MessageFault) -> String {
        try text(matching: isCaseKey) { "must be a request id, or '~' and an id" }
    }

    /// `<requestId>/<paymentId>`.
    package func legID() throws(MessageFault) -> String {
        try text(matching: isLegID) { "must be a request id, '/' and a payment id" }
    }

    /// An active ISO 4217 code of money in circulation; see ``Currency``.
    package func currency() throws(MessageFault) -> String {
        guard let code = try? text(1...3), Currency.exponent(of: code) != nil else {
            throw fault("must be an active ISO 4217 code of money in circulation")
        }
        return code
    }
}
