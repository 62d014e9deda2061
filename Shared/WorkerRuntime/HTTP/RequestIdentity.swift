import HTTPTypes
import NIOCore

extension HTTPRequest {
    /// The name that ``AccessTokens/statedName`` gives, nil without the header.
    var statedName: Result<String?, AccessRefusal> {
        guard let name = HTTPField.Name(AccessTokens.statedName),
            let field = headerFields[name]
        else { return .success(nil) }
        guard let text = field.removingPercentEncodedUTF8,
            Principal.nameLength.contains(text.unicodeScalars.count),
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return .failure(.nameUnreadable) }
        return .success(text)
    }
}

extension String {
    /// What follows `Bearer`, whose case does not matter (RFC 9110, 11.1).
    var bearerToken: Substring? {
        let words = split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return words[1]
    }

    /// Percent-encoded UTF-8 (RFC 3986) decoded; nil where a `%` is not followed by two hex digits, or
    /// the bytes are not UTF-8.
    package var removingPercentEncodedUTF8: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
            guard digits.count == 2 else { return nil }
            bytes.append(UInt8(digits[0] << 4 | digits[1]))
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Whether a Host header names this machine: `localhost`, 127.0.0.0/8 or `[::1]`, with any port.
    var isLoopbackHost: Bool {
        if self == "[::1]" || hasPrefix("[::1]:") { return true }
        let host = prefix { $0 != ":" }.lowercased()
        return host == "localhost" || SocketAddress.isLoopbackIPv4(host)
    }
}

extension SocketAddress {
    /// Whether the other end is on this machine.
    var isLoopback: Bool {
        switch self {
        case .unixDomainSocket: return true
        case .v4, .v6:
            guard let ip = ipAddress else { return false }
            let mapped = "::ffff:"
            return ip == "::1"
                || Self.isLoopbackIPv4(
                    ip.hasPrefix(mapped) ? String(ip.dropFirst(mapped.count)) : ip)
        }
    }

    /// 127.0.0.0/8, written with four numbers: a name such as `127.example.com` is none.
    static func isLoopbackIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
