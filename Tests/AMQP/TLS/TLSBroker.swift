import Foundation
import TestSupport

/// A real RabbitMQ with a TLS listener for each way a certificate can be right or wrong.
struct TLSBroker: Sendable {
    enum Listener: String, CaseIterable {
        /// For localhost, *.refund.test, 127.0.0.1 and ::1, signed by `authority`.
        case good
        /// The same, and wants a client certificate.
        case demanding
        case wrongHost, expired, notYetValid, selfSigned
        /// Signed by an authority that nobody trusts.
        case stranger
        /// Nothing newer than TLS 1.1.
        case old
    }

    /// Those with a client certificate; what is done to the connections of one hits no other.
    static let users = ["worker", "courier"]

    let node: PrivateBroker
    let files: Certificates
    private let ports: [Listener: Int]

    /// One for all tests of the process.
    static func shared() async throws -> TLSBroker { try await sharedTask.value }
    private static let sharedTask = Task { try await TLSBroker() }

    /// `amqps://` of a listener; it trusts `authority` unless the query says otherwise.
    func url(
        _ listener: Listener, user: String? = "guest:guest", host: String = "localhost",
        authority: String? = "authority", query: String = ""
    ) -> String {
        let trust = authority.map { "cacertfile=\(files.certificate($0))" }
        let parameters = [trust, query.isEmpty ? nil : query].compactMap { $0 }
        return "amqps://\(user.map { $0 + "@" } ?? "")\(host):\(port(listener))/?"
            + parameters.joined(separator: "&")
    }

    func port(_ listener: Listener) -> Int { ports[listener] ?? 0 }

    /// The query that presents a client certificate.
    func presenting(_ name: String) -> String {
        "certfile=\(files.certificate(name))&keyfile=\(files.key(name))"
    }

    private init() async throws {
        node = try await PrivateBroker.start(plugins: ["rabbitmq_auth_mechanism_ssl"])
        files = try Certificates(in: node.directory + "/tls")
        try await Self.makeCertificates(files)
        var ports: [Listener: Int] = [:]
        for listener in Listener.allCases { ports[listener] = try FreePort.take() }
        self.ports = ports
        try await listen()
    }

    private static func makeCertificates(_ files: Certificates) async throws {
        let here = "DNS:localhost,DNS:*.refund.test,IP:127.0.0.1,IP:::1"
        for authority in ["authority", "unknown"] { try await files.makeSelfSigned(authority) }
        try await files.make("good", names: here, by: "authority")
        try await files.make("wrongHost", names: "DNS:elsewhere.test", by: "authority")
        try await files.make("expired", names: here, by: "authority", days: -1)
        try await files.makeEarly("notYetValid", names: here, by: "authority")
        try await files.make("stranger", names: here, by: "unknown")
        try await files.makeSelfSigned("selfSigned", names: here)
        for user in Self.users { try await files.make(user, by: "authority") }
        try await files.make("intruder", by: "unknown")
        try await files.lock("worker", as: "locked")
    }

    /// All in one call: starting rabbitmqctl takes a second.
    private func listen() async throws {
        var steps = [
            "application:set_env(rabbit, auth_mechanisms, ['PLAIN', 'AMQPLAIN', 'EXTERNAL'])",
            "application:set_env(rabbit, ssl_cert_login_from, common_name)",
            // The plugin asks the node's options whether it may believe certificates.
            "application:set_env(rabbit, ssl_options, "
                + "[{verify, verify_peer}, {fail_if_no_peer_cert, true}])",
        ]
        for user in Self.users {
            steps += [
                #"rabbit_auth_backend_internal:add_user(<<"\#(user)">>, <<"unused">>, <<"test">>)"#,
                "rabbit_auth_backend_internal:set_permissions(<<\"\(user)\">>, <<\"/\">>, "
                    + "<<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>)",
            ]
        }
        for listener in Listener.allCases {
            let name = [.demanding, .old].contains(listener) ? "good" : listener.rawValue
            let versions = listener == .old ? "['tlsv1.1']" : "['tlsv1.3', 'tlsv1.2']"
            let options = """
                [{cacertfile, "\(files.certificate("authority"))"},
                 {certfile, "\(files.certificate(name))"}, {keyfile, "\(files.key(name))"},
                 {versions, \(versions)}, {verify, verify_peer},
                 {fail_if_no_peer_cert, \(listener == .demanding)}]
                """
            for address in ["127.0.0.1", "::1"] where address != "::1" || hasIPv6 {
                let place = #"{"\#(address)", \#(port(listener)), auto}"#
                steps.append("rabbit_networking:start_ssl_listener(\(place), \(options), 2)")
            }
        }
        try await node.control("eval", steps.joined(separator: ",\n") + ".")
    }
}

/// Whether the machine has ::1.
let hasIPv6 = FileManager.default.contents(atPath: "/proc/net/if_inet6")?.isEmpty == false
