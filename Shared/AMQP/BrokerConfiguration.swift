/// How a ``Broker`` connects, and every bound it keeps. The defaults suit a broker nearby.
public struct BrokerConfiguration: Sendable {
    /// The brokers to try in turn, at least one.
    public let endpoints: [BrokerEndpoint]
    /// Shown by the broker's tools; each of the two connections adds what it does.
    public let connectionName: String
    /// Silence after which either side takes the other for dead is twice this. 1 s to 1 h.
    public var heartbeat: Duration = .seconds(10)
    /// For TCP, TLS and the AMQP handshake, each.
    public var connectTimeout: Duration = .seconds(10)
    /// The longest one call into librabbitmq may take before its socket is shut down, and the time
    /// a topology call waits for its answer.
    public var callTimeout: Duration = .seconds(15)
    /// From the call of `publish` to the last confirm; also how long it waits for a connection.
    public var confirmTimeout: Duration = .seconds(30)
    /// Messages sent and not yet answered.
    public var publishWindowMessages = 2_048
    /// Bytes of bodies sent and not yet answered; one larger message is still sent, alone.
    public var publishWindowBytes = 8 << 20
    /// Between attempts to connect, with jitter: from ``backoffFirst`` doubling to ``backoffMost``.
    public var backoffFirst: Duration = .milliseconds(100)
    /// The longest wait between attempts to connect.
    public var backoffMost: Duration = .seconds(5)
    /// Header tables nested deeper are not converted: see ``Delivery/headersAreComplete``. The
    /// outermost table is 1.
    public var maxTableDepth = MessageProperties.usualTableDepth
    /// How long a graceful shutdown waits for confirms.
    public var drainTimeout: Duration = .seconds(5)
    /// The highest channel number: one channel publishes, each consumer has one, each topology call
    /// takes one for its time. 1 to 2,047; the broker may allow less.
    public var channelMax = 2_047
    /// PEM file of the authorities that may sign the broker's certificate; nil: the system's.
    public var tlsAuthorities: String?
    /// PEM files of the client's certificate and key, for a broker that asks for them.
    public var tlsClient: TLSClientFiles?
    /// The name or address that the broker's certificate must be for; nil: the endpoint's host.
    public var tlsServerName: String?
    /// How to log in.
    public var login = LoginMechanism.plain

    /// Reads one URI, or several for brokers of one cluster, separated by commas.
    ///
    /// `amqp(s)://user:password@host:port/vhost?heartbeat=10` as RabbitMQ's URI specification has it,
    /// with these of its query parameters: `heartbeat` (s), `connection_timeout` (ms), `channel_max`,
    /// `auth_mechanism` (`plain` or `external`; without it `external` where there is a client
    /// certificate and no user), and for `amqps` `cacertfile`, `certfile`, `keyfile`,
    /// `server_name_indication` and `verify=verify_peer`. Parameters hold for every host.
    /// - Throws: ``AMQPError/Code/invalidConfiguration`` naming the part that is wrong, never the
    ///   password.
    public init(uri: String, connectionName: String) throws(AMQPError) {
        self.connectionName = connectionName
        var endpoints: [BrokerEndpoint] = []
        var options = BrokerURI.Options()
        for part in uri.split(separator: ",", omittingEmptySubsequences: false) {
            endpoints.append(try BrokerURI.parse(part, &options))
        }
        guard let first = endpoints.first,
            endpoints.allSatisfy({
                $0.usesTLS == first.usesTLS && $0.virtualHost == first.virtualHost
            })
        else {
            throw BrokerURI.fault("must have the same scheme and virtual host for every broker")
        }
        self.endpoints = endpoints
        try apply(options)
    }

    private mutating func apply(_ options: BrokerURI.Options) throws(AMQPError) {
        if let heartbeat = options.heartbeatSeconds { self.heartbeat = .seconds(heartbeat) }
        if let timeout = options.connectMilliseconds { connectTimeout = .milliseconds(timeout) }
        if let channelMax = options.channelMax { self.channelMax = channelMax }
        tlsAuthorities = options.authorities
        tlsServerName = options.serverName
        switch (options.certificate, options.key) {
        case (nil, nil): break
        case (let certificate?, let key?):
            tlsClient = TLSClientFiles(certificate: certificate, key: key)
        default:
            throw BrokerURI.fault(
                "needs both certfile and keyfile for a client certificate, or neither")
        }
        let isByCertificate = tlsClient != nil && !options.namesUser
        login = options.login ?? (isByCertificate ? .external : .plain)
        guard login == .plain || tlsClient != nil else {
            throw BrokerURI.fault("has auth_mechanism=external without certfile and keyfile")
        }
    }
}

/// The SASL mechanism of a login.
public enum LoginMechanism: String, Sendable, Hashable {
    /// User and password.
    case plain
    /// The client's certificate says who it is; RabbitMQ's rabbitmq_auth_mechanism_ssl reads the
    /// user from it.
    case external
}

/// PEM files that identify this client to the broker.
public struct TLSClientFiles: Sendable, Hashable {
    /// Path of the certificate chain.
    public var certificate: String
    /// Path of its private key.
    public var key: String

    /// Both paths.
    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// One broker address with the credentials for it.
public struct BrokerEndpoint: Sendable, Hashable {
    /// Whether TLS is used (`amqps`).
    public var usesTLS: Bool
    /// Host name or address, without brackets.
    public var host: String
    /// TCP port.
    public var port: Int
    /// User name for SASL PLAIN.
    public var user: String
    /// Password for SASL PLAIN.
    public var password: String
    /// Virtual host.
    public var virtualHost: String

    /// Host and port, for logs and errors: never the password.
    var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension BrokerEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host and port.
    public var description: String { address }
    /// The same, also inside of other things: a password must not get into a log by accident.
    public var debugDescription: String { address }
    /// What `dump` shows.
    public var customMirror: Mirror {
        Mirror(self, children: ["address": address, "user": user, "virtualHost": virtualHost])
    }
}
