internal import CRabbitMQ
internal import Glibc

extension Wire {
    /// The version that the broker's tools show.
    static let clientVersion = "1"
    static let frameBytes: Int32 = 131_072
    static let channels: Int32 = 2_047

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
            let descriptor = dup(amqp_get_sockfd(state))
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
        if endpoint.usesTLS { try secure(socket, configuration) }
        var limit = timeval(configuration.connectTimeout)
        let status = amqp_socket_open_noblock(
            socket, endpoint.host, Int32(endpoint.port), &limit)
        guard status != AMQP_STATUS_OK.rawValue else { return }
        throw openError(status, endpoint)
    }

    private static func openError(_ status: Int32, _ endpoint: BrokerEndpoint) -> AMQPError {
        let address = endpoint.address
        switch amqp_status_enum(status) {
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
            return AMQPError(
                .tlsFailed, "the certificate of \(address) is not for the host '\(endpoint.host)'")
        case AMQP_STATUS_SSL_ERROR, AMQP_STATUS_SSL_PEER_VERIFY_FAILED,
            AMQP_STATUS_SSL_CONNECTION_FAILED:
            let cause =
                crmq_tls_failure().map { "its certificate was refused: \(String(cString: $0))" }
                ?? "the handshake failed (is it a TLS listener?)"
            return AMQPError(.tlsFailed, "no TLS connection to \(address): \(cause)")
        case AMQP_STATUS_TIMEOUT:
            return AMQPError(.connectionFailed, "no answer from \(address) in the time allowed")
        case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED:
            return AMQPError(.connectionFailed, "the host name of \(address) is not known")
        default:
            return AMQPError(.connectionFailed, "no broker accepts connections at \(address)")
        }
    }

    /// TLS 1.2 or newer, the peer's chain and host name verified.
    private static func secure(_ socket: OpaquePointer, _ configuration: BrokerConfiguration)
        throws(AMQPError)
    {
        amqp_ssl_socket_set_verify_peer(socket, 1)
        amqp_ssl_socket_set_verify_hostname(socket, 1)
        amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
        crmq_tls_remember_failure(socket)
        if let authorities = configuration.tlsAuthorities {
            guard amqp_ssl_socket_set_cacert(socket, authorities) == AMQP_STATUS_OK.rawValue else {
                throw AMQPError(.tlsFailed, "no authorities can be read from '\(authorities)'")
            }
        } else {
            guard crmq_tls_use_system_authorities(socket) == 0 else {
                throw AMQPError(.tlsFailed, "the system's certificate authorities cannot be read")
            }
        }
        if let client = configuration.tlsClient {
            let status = amqp_ssl_socket_set_key(socket, client.certificate, client.key)
            guard status == AMQP_STATUS_OK.rawValue else {
                throw AMQPError(
                    .tlsFailed,
                    "no certificate can be read from '\(client.certificate)' with '\(client.key)'"
                )
            }
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
        let reply =
            configuration.tlsClient != nil && endpoint.usesTLS
            ? crmq_login_external(
                state, endpoint.virtualHost, channels, frameBytes, heartbeat, &properties, "")
            : crmq_login_plain(
                state, endpoint.virtualHost, channels, frameBytes, heartbeat, &properties,
                endpoint.user, endpoint.password)
        guard reply.reply_type != AMQP_RESPONSE_NORMAL else { return }
        throw loginError(reply, endpoint)
    }

    private static func loginError(_ reply: amqp_rpc_reply_t, _ endpoint: BrokerEndpoint)
        -> AMQPError
    {
        let subject = "logging in to \(endpoint.address) as '\(endpoint.user)'"
        if reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION, let decoded = reply.reply.decoded,
            reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD
        {
            let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            return AMQPError(
                .authenticationFailed,
                "\(subject): the broker answered \(String(close.reply_text))",
                replyCode: close.reply_code)
        }
        let text = String(cString: amqp_error_string2(reply.library_error))
        return AMQPError(.connectionFailed, "\(subject): \(text)")
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
