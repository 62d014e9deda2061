internal import CRabbitMQ
internal import Glibc

extension Wire {
    /// The version that the broker's tools show.
    static let clientVersion = "1"
    static let frameBytes: Int32 = 131_072
    static let mostChannels: Int32 = 2_047

    /// Connects, does the TLS handshake where asked for, and logs in. Blocks, each step at most
    /// `connectTimeout`; the resolver has its own limits.
    static func connect(
        to endpoint: BrokerEndpoint, _ configuration: BrokerConfiguration, purpose: String
    ) throws(AMQPError) -> Wire {
        guard let state = amqp_new_connection() else {
            throw AMQPError(.connectionFailed, "there is no memory for a connection")
        }
        do throws(AMQPError) {
            try open(state, endpoint, configuration)
            // Guards the login too; a duplicate, since librabbitmq closes its own on errors.
            let descriptor = fcntl(amqp_get_sockfd(state), F_DUPFD_CLOEXEC, 0)
            guard descriptor >= 0 else {
                throw AMQPError(.connectionFailed, "no file descriptor is left for a connection")
            }
            do throws(AMQPError) {
                let dead = Int32(clamping: configuration.heartbeat.components.seconds * 2_000)
                _ = crmq_guard_socket(descriptor, max(dead, 2_000))
                try login(state, endpoint, configuration, purpose: purpose)
            } catch {
                close(descriptor)
                throw error
            }
            return Wire(
                adopting: state, descriptor: descriptor, usesTLS: endpoint.usesTLS,
                maxTableDepth: configuration.maxTableDepth)
        } catch {
            amqp_destroy_connection(state)
            throw error
        }
    }

    private static func open(
        _ state: amqp_connection_state_t, _ endpoint: BrokerEndpoint,
        _ configuration: BrokerConfiguration
    ) throws(AMQPError) {
        let made = endpoint.usesTLS ? amqp_ssl_socket_new(state) : amqp_tcp_socket_new(state)
        guard let socket = made else {
            throw AMQPError(.connectionFailed, "there is no memory for a socket")
        }
        var limit = timeval(configuration.connectTimeout)
        let status: Int32
        if endpoint.usesTLS {
            try secure(socket, configuration)
            let name = configuration.tlsServerName ?? endpoint.host
            status = crmq_tls_open(socket, endpoint.host, Int32(endpoint.port), name, &limit)
        } else {
            status = amqp_socket_open_noblock(socket, endpoint.host, Int32(endpoint.port), &limit)
        }
        guard status != AMQP_STATUS_OK.rawValue else { return }
        throw openError(status, endpoint, configuration)
    }

    private static func openError(
        _ status: Int32, _ endpoint: BrokerEndpoint, _ configuration: BrokerConfiguration
    ) -> AMQPError {
        let address = endpoint.address
        switch amqp_status_enum(status) {
        case AMQP_STATUS_SSL_ERROR, AMQP_STATUS_SSL_PEER_VERIFY_FAILED,
            AMQP_STATUS_SSL_CONNECTION_FAILED:
            return tlsError(crmq_tls_fault(), endpoint, configuration)
        case AMQP_STATUS_TIMEOUT:
            return AMQPError(
                .connectionFailed,
                "no answer from \(address) within \(configuration.connectTimeout): check the address "
                    + "and what lies between (a firewall drops, a full broker does not accept)")
        case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED:
            return AMQPError(
                .connectionFailed, "the host name of \(address) is not known: check it, or the DNS")
        default:
            return AMQPError(
                .connectionFailed,
                "no broker accepts connections at \(address): check the address, and that it runs")
        }
    }

    private static func login(
        _ state: amqp_connection_state_t, _ endpoint: BrokerEndpoint,
        _ configuration: BrokerConfiguration, purpose: String
    ) throws(AMQPError) {
        var limit = timeval(configuration.connectTimeout)
        amqp_set_handshake_timeout(state, &limit)
        defer { amqp_set_handshake_timeout(state, nil) }
        var arena = Arena()
        var properties = arena.table(
            clientProperties("\(configuration.connectionName) \(purpose)"))
        let seconds = Int32(clamping: configuration.heartbeat.components.seconds)
        let heartbeat = min(max(seconds, 1), 3_600)
        let channels = Int32(min(max(configuration.channelMax, 1), Int(Self.mostChannels)))
        // RabbitMQ takes the identity from the certificate; librabbitmq cannot send an empty one.
        let reply =
            configuration.login == .external
            ? crmq_login_external(
                state, endpoint.virtualHost, channels, frameBytes, heartbeat, &properties, "-")
            : crmq_login_plain(
                state, endpoint.virtualHost, channels, frameBytes, heartbeat, &properties,
                endpoint.user, endpoint.password)
        guard reply.reply_type != AMQP_RESPONSE_NORMAL else { return }
        throw loginError(reply, endpoint, configuration)
    }

    private static func loginError(
        _ reply: amqp_rpc_reply_t, _ endpoint: BrokerEndpoint, _ configuration: BrokerConfiguration
    ) -> AMQPError {
        let identity =
            configuration.login == .external ? "by certificate" : "as '\(endpoint.user)'"
        let subject = "logging in to \(endpoint.address) \(identity)"
        if reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION, let decoded = reply.reply.decoded,
            reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD
        {
            let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            return AMQPError(
                .authenticationFailed,
                "\(subject): the broker answered \(String(close.reply_text)); check the user, "
                    + "its secret, and the virtual host '\(endpoint.virtualHost)'",
                replyCode: close.reply_code)
        }
        let text = String(cString: amqp_error_string2(reply.library_error))
        switch amqp_status_enum(reply.library_error) {
        case AMQP_STATUS_SSL_ERROR:
            return tlsError(crmq_tls_fault(), endpoint, configuration)
        case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
            let method = configuration.login == .external ? "EXTERNAL" : "PLAIN"
            return AMQPError(
                .authenticationFailed,
                "\(subject): the broker does not offer SASL \(method): add it to its "
                    + "auth_mechanisms (EXTERNAL comes with rabbitmq_auth_mechanism_ssl)")
        case AMQP_STATUS_TIMEOUT:
            return AMQPError(
                .connectionFailed,
                "\(subject): no AMQP answer within \(configuration.connectTimeout)\(hint(endpoint))"
            )
        default:
            return AMQPError(.connectionFailed, "\(subject): \(text)\(hint(endpoint))")
        }
    }

    /// A TLS listener hangs up on AMQP in the clear, or answers what is no AMQP frame.
    private static func hint(_ endpoint: BrokerEndpoint) -> String {
        endpoint.usesTLS
            ? "" : "; where that is a TLS listener, use amqps:// (port \(BrokerURI.tlsPort))"
    }

    /// librabbitmq announces neither `connection.blocked` nor the cancel notification by itself.
    private static func clientProperties(_ name: String) -> FieldTable {
        func text(_ text: String) -> FieldValue { .string(Array(text.utf8)) }
        let capabilities = [
            "publisher_confirms", "consumer_cancel_notify", "connection.blocked", "basic.nack",
            "exchange_exchange_bindings", "authentication_failure_close",
        ]
        return FieldTable([
            ("product", text("refund-workers AMQP")),
            ("version", text(clientVersion)),
            ("platform", text("Swift")),
            ("connection_name", text(name)),
            ("capabilities", .table(FieldTable(capabilities.map { ($0, .bool(true)) }))),
        ])
    }
}
