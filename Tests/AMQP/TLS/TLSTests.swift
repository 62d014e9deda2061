import AMQP
import Foundation
import TestSupport
import Testing

@Suite("TLS that holds", .timeLimit(.minutes(10)))
struct TLSTests {
    @Test(
        "the certificate may name the host, a wildcard over it, or the address",
        arguments: [
            ("localhost", ""), ("127.0.0.1", ""), ("[::1]", ""),
            ("127.0.0.1", "server_name_indication=broker-1.refund.test&verify=verify_peer"),
        ])
    func names(host: String, query: String) async throws {
        guard host != "[::1]" || hasIPv6 else { return }
        let tls = try await TLSBroker.shared()
        try await withBroker(tls.url(.good, host: host, query: query)) { broker in
            try await roundTrip(broker)
        }
    }

    @Test("a self-signed certificate is trusted where its own file is named")
    func selfSigned() async throws {
        let tls = try await TLSBroker.shared()
        try await withBroker(tls.url(.selfSigned, authority: "selfSigned")) { broker in
            try await roundTrip(broker)
        }
    }

    @Test(
        "a client certificate logs in by itself (EXTERNAL), without user and password",
        arguments: ["", "&auth_mechanism=external"])
    func external(mechanism: String) async throws {
        let tls = try await TLSBroker.shared()
        let uri = tls.url(.demanding, user: nil, query: tls.presenting("worker") + mechanism)
        try await withBroker(uri) { broker in
            // RabbitMQ takes a message with a user id from that user only.
            try await roundTrip(broker) { $0.userID = "worker" }
        }
    }

    @Test("a client certificate and a password: the user of the URI logs in")
    func certificateAndPassword() async throws {
        let tls = try await TLSBroker.shared()
        try await withBroker(tls.url(.demanding, query: tls.presenting("worker"))) { broker in
            try await roundTrip(broker) { $0.userID = "guest" }
        }
    }

    @Test("large batches go both ways, whatever OpenSSL holds back from poll")
    func largeBatches() async throws {
        let tls = try await TLSBroker.shared()
        try await withBroker(tls.url(.good)) { broker in
            let queue = try await broker.makeQueue([("x-queue-type", .text("classic"))])
            // Around a TLS record (16 KiB) and an AMQP frame, and many small ones after each other.
            let sizes = [0, 1, 16_383, 16_384, 16_385, 131_063, 131_064, 131_065, 400_000]
            let bodies =
                (0..<3_000).map { index in
                    [UInt8](
                        repeating: UInt8(truncatingIfNeeded: index), count: sizes[index % 9] / 9)
                } + sizes.map { [UInt8](repeating: 7, count: $0) }
            let outcomes = try await broker.publisher.publish(
                bodies.map { OutgoingMessage(exchange: "", routingKey: queue, body: $0) })
            #expect(outcomes.allSatisfy { $0 == .confirmed })
            var received: [[UInt8]] = []
            for await batch in broker.consumer(queue: queue, prefetch: 2_000, maxBatch: 500) {
                received += batch.deliveries.map(\.body)
                if let last = batch.deliveries.last { await batch.ack(upTo: last) }
                if received.count >= bodies.count { break }
            }
            #expect(received == bodies)
        }
    }

    @Test("connections that were closed come back over TLS, and go on")
    func reconnect() async throws {
        let tls = try await TLSBroker.shared()
        // Its own user, so that the other tests keep their connections.
        let uri = tls.url(.demanding, user: nil, query: tls.presenting("courier"))
        try await withBroker(uri, configure: { $0.backoffMost = .milliseconds(300) }) { broker in
            let queue = try await broker.makeQueue()
            let consumer = broker.consumer(queue: queue, prefetch: 10, maxBatch: 10)
            #expect(await eventually { consumer.isConsuming && broker.isPublishing })
            let message = OutgoingMessage(exchange: "", routingKey: queue, body: [1])
            #expect(try await broker.publisher.publish([message]) == [.confirmed])
            let before = try #require(await consumer.makeAsyncIterator().next())
            try await tls.node.control("close_all_user_connections", "courier", "test")
            #expect(await eventually { !before.isCurrent })
            // One may still be lost with its connection.
            #expect(
                await eventually {
                    (try? await broker.publisher.publish([message])) == [.confirmed]
                })
            var isRedelivered = false
            for await batch in consumer {
                isRedelivered = isRedelivered || batch.deliveries.contains { $0.redelivered }
                await batch.ack(batch.deliveries)
                if isRedelivered { break }
            }
        }
    }

    private func roundTrip(
        _ broker: Broker, _ change: (inout MessageProperties) -> Void = { _ in }
    ) async throws {
        let queue = try await broker.makeQueue([("x-queue-type", .text("classic"))])
        var message = OutgoingMessage(exchange: "", routingKey: queue, body: Array("hi".utf8))
        change(&message.properties)
        #expect(try await broker.publisher.publish([message]) == [.confirmed])
        let consumer = broker.consumer(queue: queue, prefetch: 1, maxBatch: 1)
        let batch = try #require(await consumer.makeAsyncIterator().next())
        #expect(batch.deliveries[0].body == message.body)
        await batch.ack(batch.deliveries)
    }
}
