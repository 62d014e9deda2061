internal import CRabbitMQ

extension Wire {
    /// TLS 1.2 or newer, the peer's chain verified; its name is when the connection is opened.
    ///
    /// The files are read for each connection: renewed ones are used from the next on.
    static func secure(_ socket: OpaquePointer, _ configuration: BrokerConfiguration)
        throws(AMQPError)
    {
        let fault = crmq_tls_prepare(
            socket, configuration.tlsAuthorities, configuration.tlsClient?.certificate,
            configuration.tlsClient?.key)
        guard fault != CRMQ_TLS_OK else { return }
        let reason = tlsReason.map { " (\($0))" } ?? ""
        switch fault {
        case CRMQ_TLS_AUTHORITIES:
            throw AMQPError(
                .invalidConfiguration,
                configuration.tlsAuthorities.map {
                    "no authorities can be read from '\($0)'\(reason): it must be a readable PEM "
                        + "file with the certificates of those who may sign the broker's"
                }
                    ?? "the system's certificate authorities cannot be read\(reason): "
                    + "install ca-certificates, or name a file with cacertfile")
        case CRMQ_TLS_CERTIFICATE:
            throw AMQPError(
                .invalidConfiguration,
                "no client certificate can be read from '\(configuration.tlsClient?.certificate ?? "")'"
                    + "\(reason): it must be a readable PEM file, the client's certificate first")
        case CRMQ_TLS_KEY:
            throw AMQPError(
                .invalidConfiguration,
                "'\(configuration.tlsClient?.key ?? "")' has no key for the client certificate"
                    + "\(reason): it must be a readable PEM file without a passphrase, and the "
                    + "private key of that certificate")
        default:
            throw AMQPError(.tlsFailed, "OpenSSL takes no TLS 1.2\(reason): check its installation")
        }
    }

    /// What refused the connection, and what to do about it.
    static func tlsError(
        _ fault: crmq_tls_fault_t, _ endpoint: BrokerEndpoint, _ configuration: BrokerConfiguration
    ) -> AMQPError {
        let address = endpoint.address
        let certificate = "the certificate of \(address)"
        let name = configuration.tlsServerName ?? endpoint.host
        let reason = tlsReason ?? "it hung up"
        let text =
            switch fault {
            case CRMQ_TLS_WRONG_HOST:
                "\(certificate) is not for '\(name)': connect by a name or address that it lists, "
                    + "or say with server_name_indication which one to expect"
            case CRMQ_TLS_EXPIRED:
                "\(certificate), or of who signed it, has expired: renew it on the broker "
                    + "(or set this machine's clock)"
            case CRMQ_TLS_NOT_YET_VALID:
                "\(certificate), or of who signed it, is not valid yet: "
                    + "check this machine's clock, or the certificate on the broker"
            case CRMQ_TLS_SELF_SIGNED:
                "\(certificate) is self-signed and not trusted: have an authority sign it, "
                    + "or name the file of this very certificate as cacertfile"
            case CRMQ_TLS_UNKNOWN_AUTHORITY:
                "\(certificate) is signed by an authority that is not trusted: "
                    + "name the file of that authority's certificate as cacertfile"
            case CRMQ_TLS_BAD_CERTIFICATE:
                "\(certificate) was refused (\(reason)): replace it on the broker"
            case CRMQ_TLS_NOT_TLS:
                "\(address) does not speak TLS: use amqp:// there, "
                    + "or the broker's TLS port (usually \(BrokerURI.tlsPort))"
            case CRMQ_TLS_TOO_OLD:
                "\(address) offers no TLS 1.2 or newer: enable TLS 1.2 or 1.3 on the broker"
            case CRMQ_TLS_CLIENT_CERTIFICATE_MISSING:
                "\(address) asked for a client certificate and refused the connection without one: "
                    + "name one with certfile and keyfile"
            case CRMQ_TLS_CLIENT_CERTIFICATE_REFUSED:
                "\(address) refused the client certificate "
                    + "'\(configuration.tlsClient?.certificate ?? "")' (\(reason)): have it signed by "
                    + "an authority that the broker trusts, and see that it has not expired"
            case CRMQ_TLS_ENDED:
                "\(address) hung up during the TLS handshake: see the broker's log "
                    + "(its own certificate or key may be unreadable)"
            default:
                "no TLS connection to \(address) (\(reason)): see the broker's log"
            }
        return AMQPError(.tlsFailed, text)
    }

    private static var tlsReason: String? { crmq_tls_reason().map { String(cString: $0) } }
}
