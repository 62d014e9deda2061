/// RabbitMQ's URI specification (rabbitmq.com/uri-spec.html) and its query parameters.
enum BrokerURI {
    struct Options {
        var heartbeatSeconds: Int?
        var connectMilliseconds: Int?
        var authorities: String?
        var certificate: String?
        var key: String?
    }

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
        var (user, password) = ("guest", "guest")
        if let at = rest.lastIndex(of: "@") {
            var credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
            let secret = cut(&credentials, at: ":")
            user = try decoded(credentials, "user")
            password = try decoded(secret ?? "", "password")
        }
        let (host, port) = try address(rest, defaultPort: usesTLS ? tlsPort : plainPort)
        try read(query, &options)
        guard path?.contains("/") != true else {
            throw fault("has a / in its virtual host: use %2F")
        }
        // An absent path, or "/" alone, means the default virtual host, as in RabbitMQ's clients.
        let virtualHost = try decoded(path ?? "", "virtual host")
        return BrokerEndpoint(
            usesTLS: usesTLS, host: host, port: port, user: user, password: password,
            virtualHost: virtualHost.isEmpty ? "/" : virtualHost)
    }

    private static func address(_ text: Substring, defaultPort: Int) throws(AMQPError)
        -> (String, Int)
    {
        var rest = text
        var host: Substring
        if rest.first == "[" {
            let tail = cut(&rest, at: "]")
            guard let tail else { throw fault("has an unclosed [ in its host") }
            host = rest.dropFirst()
            guard tail.isEmpty || tail.first == ":" else { throw fault("has text after its host") }
            rest = tail
            let port = cut(&rest, at: ":")
            return (String(host), try number(port, "port", 1...65_535) ?? defaultPort)
        }
        host = rest
        let port = cut(&host, at: ":")
        let name = try decoded(host, "host")
        return (
            name.isEmpty ? "localhost" : name,
            try number(port.flatMap { $0.isEmpty ? nil : $0 }, "port", 1...65_535) ?? defaultPort
        )
    }

    private static func read(_ query: Substring?, _ options: inout Options) throws(AMQPError) {
        for item in (query ?? "").split(separator: "&") {
            var name = item
            let value = cut(&name, at: "=") ?? ""
            switch name {
            case "heartbeat": options.heartbeatSeconds = try number(value, "heartbeat", 1...3_600)
            case "connection_timeout":
                options.connectMilliseconds = try number(value, "connection_timeout", 1...600_000)
            case "cacertfile": options.authorities = try decoded(value, "cacertfile")
            case "certfile": options.certificate = try decoded(value, "certfile")
            case "keyfile": options.key = try decoded(value, "keyfile")
            default: throw fault("has the unknown parameter '\(name)'")
            }
        }
    }

    /// Cuts `text` before the separator and returns what follows it.
    private static func cut(_ text: inout Substring, at separator: Character) -> Substring? {
        guard let index = text.firstIndex(of: separator) else { return nil }
        defer { text = text[..<index] }
        return text[text.index(after: index)...]
    }

    private static func number(_ text: Substring?, _ name: String, _ range: ClosedRange<Int>)
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
    private static func decoded(_ text: Substring, _ name: String) throws(AMQPError) -> String {
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
    private static func fault(_ what: String) -> AMQPError {
        AMQPError(
            .invalidConfiguration,
            "the AMQP URI \(what); it looks like amqp://user:password@host:5672/vhost")
    }
}
