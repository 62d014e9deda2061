/// One AMQP URI as RabbitMQ specifies it (rabbitmq.com/docs/uri-spec). Its query is read by
/// ``BrokerURI/Options``.
enum BrokerURI {
    static let plainPort = 5_672
    static let tlsPort = 5_671

    static func parse(_ text: Substring, _ options: inout Options) throws(AMQPError)
        -> BrokerEndpoint
    {
        let usesTLS: Bool
        var rest: Substring
        let lowercased = text.prefix(8).lowercased()
        if lowercased.hasPrefix("amqps://") {
            (usesTLS, rest) = (true, text.dropFirst(8))
        } else if lowercased.hasPrefix("amqp://") {
            (usesTLS, rest) = (false, text.dropFirst(7))
        } else {
            throw fault("must start with amqp:// or amqps://")
        }
        let query = cut(&rest, at: "?")
        let path = cut(&rest, at: "/")
        // Part of a password would be taken for something else, and shown.
        guard query?.contains("@") != true, path?.contains("@") != true, !text.contains("#") else {
            throw fault("has a / ? # or @ out of place")
        }
        var (user, password) = ("guest", "guest")
        if let at = rest.lastIndex(of: "@") {
            var credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
            let secret = cut(&credentials, at: ":")
            user = try decoded(credentials, "user")
            password = try decoded(secret ?? "", "password")
            options.namesUser = true
        }
        let (host, port) = try address(rest, defaultPort: usesTLS ? tlsPort : plainPort)
        try options.read(query, usesTLS: usesTLS)
        guard path?.contains("/") != true else {
            throw fault("has a / in its virtual host: use %2F")
        }
        // An absent path, or "/" alone, means the default virtual host: RabbitMQ has no other that
        // an empty name could mean.
        let virtualHost = try decoded(path ?? "", "virtual host")
        return BrokerEndpoint(
            usesTLS: usesTLS, host: host, port: port, user: user, password: password,
            virtualHost: virtualHost.isEmpty ? "/" : virtualHost)
    }

    private static func address(_ text: Substring, defaultPort: Int) throws(AMQPError)
        -> (String, Int)
    {
        var host = text
        let port: Substring?
        if text.first == "[" {
            host = text.dropFirst()
            guard let tail = cut(&host, at: "]") else {
                throw fault("has an unclosed [ in its host")
            }
            guard tail.isEmpty || tail.first == ":" else { throw fault("has text after its host") }
            guard IPAddress.isVersion6(String(host)) else {
                throw fault("has no IPv6 address in its [ ]")
            }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else {
            port = cut(&host, at: ":")
            guard port?.contains(":") != true else {
                throw fault("has several : in its host: an IPv6 address stands in [ ]")
            }
        }
        let name = try decoded(host, "host")
        return (
            name.isEmpty ? "localhost" : name,
            try number(port.flatMap { $0.isEmpty ? nil : $0 }, "port", 1...65_535) ?? defaultPort
        )
    }

    // MARK: - Parts

    /// Cuts `text` before the separator and returns what follows it.
    static func cut(_ text: inout Substring, at separator: Character) -> Substring? {
        guard let index = text.firstIndex(of: separator) else { return nil }
        defer { text = text[..<index] }
        return text[text.index(after: index)...]
    }

    static func number(_ text: Substring?, _ name: String, _ range: ClosedRange<Int>)
        throws(AMQPError) -> Int?
    {
        guard let text else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw fault(
                "has a \(name) that is not a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value
    }

    /// Percent-decoding; librabbitmq takes C strings, so a NUL is refused.
    static func decoded(_ text: Substring, _ name: String) throws(AMQPError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(rest.prefix(2)), digits.utf8.count == 2,
                let value = UInt8(digits, radix: 16), value != 0
            else { throw fault("has a wrong % escape in its \(name)") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw fault("has a \(name) that is not UTF-8 text")
        }
        return decoded
    }

    /// The URI itself is never shown: it has the password.
    static func fault(_ what: String) -> AMQPError {
        AMQPError(
            .invalidConfiguration,
            "the AMQP URI \(what); it looks like amqp://user:password@host:5672/vhost, and in user "
                + "and password : / ? # @ , % are %3A %2F %3F %23 %40 %2C %25")
    }
}
