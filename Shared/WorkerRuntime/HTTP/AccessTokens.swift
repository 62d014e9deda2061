import COpenSSL

/// Who may use a service's HTTP API: the tokens' hashes, each with a name and a role. Read at start.
///
/// The file has one line a token, `<name> <reader|operator> <SHA-256 of the token, in hex>`; empty
/// lines and those that start with `#` mean nothing. One name may have several tokens, so that a new
/// one can be handed out before the old one goes. Tokens are random, so a plain hash protects them.
public struct AccessTokens: Sendable {
    /// Tokens in a file, at most.
    public static let maximumTokens = 1_000
    /// Bytes of a token that are looked at, at most.
    public static let maximumTokenBytes = 4 * 1_024

    /// The setting that names the file.
    public static let setting = Setting(
        "api.tokenFile",
        "File of who may use the API: lines of a name, reader or operator, and the SHA-256 of the "
            + "token in hex. Without one everyone on this machine is an operator, and nobody else.")

    private struct Entry: Sendable {
        let principal: Principal
        let hash: [UInt8]
    }

    /// Nil: no file is configured.
    private let entries: [Entry]?

    /// No tokens: clients on this machine are operators under the name they state.
    public static let loopbackOnly = AccessTokens(entries: nil)

    private init(entries: [Entry]?) { self.entries = entries }

    /// Whether clients need a token.
    public var areNeeded: Bool { entries != nil }

    /// The tokens of a file's text.
    ///
    /// - Parameter source: named in faults.
    /// - Throws: `ConfigurationFault` that names the line; it never holds any of its text.
    public init(text: String, source: String) throws(ConfigurationFault) {
        var entries: [Entry] = []
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in zip(1..., lines) {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard let entry = Self.entry(words) else {
                throw ConfigurationFault(
                    "Line \(number) of the token file \(source) is not <name> <reader|operator> "
                        + "<SHA-256 of the token, 64 hex digits>.")
            }
            entries.append(entry)
        }
        guard (1...Self.maximumTokens).contains(entries.count) else {
            throw ConfigurationFault(
                "The token file \(source) must have 1 to \(Self.maximumTokens) tokens; it has "
                    + "\(entries.count).")
        }
        self.entries = entries
    }

    /// Whose token that is, nil where it is nobody's. Takes the same time whichever line matches.
    func principal(token: some StringProtocol) -> Principal? {
        guard token.utf8.count <= Self.maximumTokenBytes else { return nil }
        let hash = SHA256.hash(Array(token.utf8))
        var found: Principal?
        for entry in entries ?? [] where CRYPTO_memcmp(entry.hash, hash, hash.count) == 0 {
            found = found ?? entry.principal
        }
        return found
    }

    private static func entry(_ words: [Substring]) -> Entry? {
        guard words.count == 3, Principal.nameLength.contains(words[0].unicodeScalars.count),
            let role = Principal.Role(rawValue: String(words[1])),
            let hash = SHA256.decode(hex: words[2])
        else { return nil }
        return Entry(
            principal: Principal(name: String(words[0]), role: role, isProven: true), hash: hash)
    }
}

extension ServiceContext {
    /// The tokens of the API, from ``AccessTokens/setting``, which the service declares.
    ///
    /// - Throws: `ConfigurationFault` where a file is named and is none of tokens.
    public func accessTokens() throws(ConfigurationFault) -> AccessTokens {
        let key = AccessTokens.setting.key
        guard let text = try settings.secret(file: key) else { return .loopbackOnly }
        return try AccessTokens(text: text, source: try settings.string(key))
    }
}
