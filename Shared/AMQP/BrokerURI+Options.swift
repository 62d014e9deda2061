internal import Glibc

extension BrokerURI {
    /// The query of a URI (rabbitmq.com/docs/uri-query-parameters). With several URIs what one says
    /// holds for all, so no two may say different things.
    struct Options {
        private(set) var heartbeatSeconds: Int?
        private(set) var connectMilliseconds: Int?
        private(set) var channelMax: Int?
        private(set) var authorities: String?
        private(set) var certificate: String?
        private(set) var key: String?
        private(set) var serverName: String?
        private(set) var login: LoginMechanism?
        /// Whether a URI names its user.
        var namesUser = false

        private static let tlsOnly: Set<Substring> = [
            "cacertfile", "certfile", "keyfile", "verify", "server_name_indication",
        ]

        mutating func read(_ query: Substring?, usesTLS: Bool) throws(AMQPError) {
            for item in (query ?? "").split(separator: "&") {
                var name = item
                let value = BrokerURI.cut(&name, at: "=") ?? ""
                guard usesTLS || !Self.tlsOnly.contains(name) else {
                    throw BrokerURI.fault("has '\(name)' without TLS: use amqps://")
                }
                try read(name, value)
            }
        }

        private mutating func read(_ name: Substring, _ value: Substring) throws(AMQPError) {
            let text = try BrokerURI.decoded(value, "parameter")
            switch name {
            case "heartbeat":
                try set(&heartbeatSeconds, BrokerURI.number(value, "heartbeat", 1...3_600), name)
            case "connection_timeout":
                let limit = try BrokerURI.number(value, "connection_timeout", 1...600_000)
                try set(&connectMilliseconds, limit, name)
            case "channel_max":
                try set(&channelMax, BrokerURI.number(value, "channel_max", 1...2_047), name)
            case "cacertfile": try set(&authorities, text, name)
            case "certfile": try set(&certificate, text, name)
            case "keyfile": try set(&key, text, name)
            case "verify":
                guard value == "verify_peer" else {
                    throw BrokerURI.fault(
                        "may only have verify=verify_peer: the broker's "
                            + "certificate is always verified (cacertfile says against what)")
                }
            case "server_name_indication":
                guard !text.isEmpty, text != "disable" else {
                    throw BrokerURI.fault(
                        "must have a host name as server_name_indication: the "
                            + "certificate's name is always checked")
                }
                try set(&serverName, text, name)
            case "auth_mechanism":
                guard let mechanism = LoginMechanism(rawValue: value.lowercased()) else {
                    throw BrokerURI.fault(
                        "has an auth_mechanism that is neither plain nor external")
                }
                try set(&login, mechanism, name)
            default: throw Self.unknown(name)
            }
        }

        private func set<Value: Equatable>(
            _ option: inout Value?, _ value: Value?, _ name: Substring
        ) throws(AMQPError) {
            guard option == nil || option == value else {
                throw BrokerURI.fault("has two different values of \(name)")
            }
            option = value
        }

        /// A name that looks like none may be part of a password: it is not shown.
        private static func unknown(_ name: Substring) -> AMQPError {
            let isName =
                name.utf8.count <= 32
                && name.utf8.allSatisfy { $0 == 0x5F || (0x61...0x7A).contains($0) }
            return BrokerURI.fault(
                "has the unknown parameter\(isName ? " '\(name)'" : ""); known are heartbeat, "
                    + "connection_timeout, channel_max, auth_mechanism, cacertfile, certfile, "
                    + "keyfile, verify, server_name_indication")
        }
    }
}

/// Literal addresses.
enum IPAddress {
    /// As RFC 4291 writes it, without a zone.
    static func isVersion6(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, text, &address) == 1
    }
}
