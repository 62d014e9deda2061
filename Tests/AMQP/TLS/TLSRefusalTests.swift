import Foundation
import TestSupport
import Testing

@testable import AMQP

/// What is refused, with the cause and what to do in the sentence, and never the password.
@Suite("TLS that is refused", .timeLimit(.minutes(10)))
struct TLSRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var what: String
        var uri: @Sendable (TLSBroker) -> String
        var code = AMQPError.Code.tlsFailed
        /// Parts of the sentence.
        var says: [String]
        var testDescription: String { what }
    }

    static let handshakes = [
        Case(
            what: "a certificate for another host", uri: { $0.url(.wrongHost) },
            says: ["is not for 'localhost'", "server_name_indication"]),
        Case(
            what: "a name that no wildcard covers",
            uri: { $0.url(.good, query: "server_name_indication=a.b.refund.test") },
            says: ["is not for 'a.b.refund.test'"]),
        Case(
            what: "another name than the one to expect",
            uri: { $0.url(.good, query: "server_name_indication=127.0.0.2") },
            says: ["is not for '127.0.0.2'"]),
        Case(
            what: "an expired certificate", uri: { $0.url(.expired) },
            says: ["has expired", "renew it"]),
        Case(
            what: "a certificate of days to come", uri: { $0.url(.notYetValid) },
            says: ["is not valid yet", "clock"]),
        Case(
            what: "a self-signed certificate", uri: { $0.url(.selfSigned) },
            says: ["is self-signed", "cacertfile"]),
        Case(
            what: "an unknown authority", uri: { $0.url(.stranger) },
            says: ["an authority that is not trusted", "cacertfile"]),
        Case(
            what: "an authority that the system does not know",
            uri: { $0.url(.good, authority: nil) },
            says: ["an authority that is not trusted", "cacertfile"]),
        Case(
            what: "nothing newer than TLS 1.1", uri: { $0.url(.old) },
            says: ["no TLS 1.2 or newer", "enable"]),
        Case(
            what: "no client certificate where one is demanded", uri: { $0.url(.demanding) },
            says: ["asked for a client certificate", "certfile and keyfile"]),
        Case(
            what: "a client certificate that the broker does not trust",
            uri: { $0.url(.demanding, query: $0.presenting("intruder")) },
            says: ["refused the client certificate", "intruder.pem", "signed by an authority"]),
        Case(
            what: "a plain listener on the TLS port",
            uri: { "amqps://guest:guest@localhost:\($0.node.port)" },
            says: ["does not speak TLS", "amqp://", "5671"]),
        Case(
            what: "a TLS listener on the plain port",
            uri: { "amqp://guest:guest@localhost:\($0.port(.good))" }, code: .connectionFailed,
            says: ["TLS listener", "amqps://"]),
    ]

    static let files = [
        Case(
            what: "authorities that are not there", uri: { $0.url(.good, authority: "nobody") },
            code: .invalidConfiguration,
            says: ["no authorities can be read", "nobody.pem", "No such file"]),
        Case(
            what: "authorities that are no certificates",
            uri: { "amqps://localhost:\($0.port(.good))?cacertfile=\($0.files.key("good"))" },
            code: .invalidConfiguration, says: ["no authorities can be read", "good.key", "PEM"]),
        Case(
            what: "a client certificate that is not there",
            uri: { $0.url(.good, query: $0.presenting("nobody")) }, code: .invalidConfiguration,
            says: ["no client certificate can be read", "nobody.pem"]),
        Case(
            what: "a key of another certificate",
            uri: { files($0, certificate: "worker", key: "good") }, code: .invalidConfiguration,
            says: ["good.key", "no key for the client certificate", "mismatch"]),
        Case(
            what: "a key behind a passphrase",
            uri: { files($0, certificate: "worker", key: "locked") }, code: .invalidConfiguration,
            says: ["locked.key", "without a passphrase"]),
    ]

    @Test("is refused with its cause", arguments: handshakes + files)
    func refused(_ item: Case) async throws {
        let broker = try await TLSBroker.shared()
        let error = try #require(await Self.connect(item.uri(broker)))
        #expect(error.code == item.code)
        for part in item.says {
            #expect(error.message.contains(part), "\(error.message)")
        }
    }

    @Test("whoever waits for the connection in vain is told the cause")
    func causeReachesTheCaller() async throws {
        let tls = try await TLSBroker.shared()
        try await withBroker(
            tls.url(.expired),
            configure: {
                $0.callTimeout = .seconds(1)
                $0.confirmTimeout = .seconds(1)
            }
        ) { broker in
            // The first handshake may take longer than the second.
            #expect(
                await eventually {
                    let unchecked = await #expect(throws: AMQPError.self) {
                        try await broker.topology().checkQueue("q")
                    }
                    return unchecked?.code == .notConnected
                        && unchecked?.message.contains("has expired") == true
                })
            let unsent = await #expect(throws: AMQPError.self) {
                try await broker.publisher.publish([
                    OutgoingMessage(exchange: "", routingKey: "q", body: [])
                ])
            }
            #expect(unsent?.code == .notConnected)
            #expect(unsent?.message.contains("has expired") == true)
        }
    }

    @Sendable
    private static func files(_ broker: TLSBroker, certificate: String, key: String) -> String {
        let (certificate, key) = (broker.files.certificate(certificate), broker.files.key(key))
        return broker.url(.good, query: "certfile=\(certificate)&keyfile=\(key)")
    }

    /// One attempt, on a thread that may block.
    private static func connect(_ uri: String) async throws -> AMQPError? {
        let configuration = try BrokerConfiguration(uri: uri, connectionName: "test")
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                do throws(AMQPError) {
                    _ = try Wire.connect(
                        to: configuration.endpoints[0], configuration, purpose: "test")
                    continuation.resume(returning: nil)
                } catch {
                    continuation.resume(returning: error)
                }
            }
        }
    }
}
