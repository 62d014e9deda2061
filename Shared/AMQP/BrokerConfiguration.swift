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
    public var maxTableDepth = 64
    /// How long a graceful shutdown waits for confirms.
    public var drainTimeout: Duration = .seconds(5)
    /// PEM file of the authorities that may sign the broker's certificate; nil: the system's.
    public var tlsAuthorities: String?
    /// PEM files of the client's certificate and key: the login is then SASL EXTERNAL.
    public var tlsClient: TLSClientFiles?

    /// Reads one URI, or several of the same user and virtual host separated by commas.
    ///
    /// `amqp(s)://user:password@host:port/vhost?heartbeat=10&connection_timeout=10000` as
    /// RabbitMQ's URI specification has it; also `cacertfile`, `certfile` and `keyfile`.
    /// - Throws: ``AMQPError/Code/invalidConfiguration`` naming the part that is wrong.
    public init(uri: String, connectionName: String) throws(AMQPError) {
        self.connectionName = connectionName
        var endpoints: [BrokerEndpoint] = []
        var options = BrokerURI.Options()
        for part in uri.split(separator: ",", omittingEmptySubsequences: false) {
            endpoints.append(try BrokerURI.parse(part, &options))
        }
        self.endpoints = endpoints
        if let heartbeat = options.heartbeatSeconds { self.heartbeat = .seconds(heartbeat) }
        if let timeout = options.connectMilliseconds { connectTimeout = .milliseconds(timeout) }
        tlsAuthorities = options.authorities
        switch (options.certificate, options.key) {
        case (nil, nil): break
        case (let certificate?, let key?):
            tlsClient = TLSClientFiles(certificate: certificate, key: key)
        default:
            throw AMQPError(
                .invalidConfiguration,
                "the AMQP URI needs both certfile and keyfile for a client certificate, or neither")
        }
    }
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
