import AMQP
import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing

/// What a graceful shutdown waits for, and what it refuses.
@Suite("A graceful shutdown drains", .timeLimit(.minutes(10)))
struct DrainTests {
    /// Runs a broker in a service group until `body` ends.
    private func withGroup(
        _ uri: String, drain: Duration = .seconds(60),
        _ body: (Broker, ServiceGroup) async throws -> Void
    ) async throws {
        var configuration = try BrokerConfiguration(uri: uri, connectionName: "test")
        configuration.drainTimeout = drain
        let broker = Broker(configuration, logger: .quiet)
        let group = ServiceGroup(services: [broker], logger: .quiet)
        let running = Task { try await group.run() }
        do {
            try await body(broker, group)
        } catch {
            running.cancel()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await running.value
    }

    private func message(_ queue: String) -> OutgoingMessage {
        OutgoingMessage(exchange: "", routingKey: queue, body: [1])
    }

    @Test("confirms that are due are awaited; what is new is refused, and said to be")
    func confirms() async throws {
        let (isSent, mayConfirm) = (Gate(), Gate())
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            _ = try client.expectPublish()
            isSent.open()
            try mayConfirm.wait()
            try client.send(.confirm(.ack, 1))
            try client.expect(.close)
            try client.send(.method(.closeOK, on: 0))
        })
        defer { peer.stop() }
        try await withGroup(peer.url) { broker, group in
            let sent = Task { try await broker.publisher.publish([message("q")]) }
            try await isSent.passed()
            await group.triggerGracefulShutdown()
            #expect(await eventually { await broker.snapshots().publishing?.isClosing == true })
            let error = await #expect(throws: AMQPError.self) {
                try await broker.publisher.publish([message("q")])
            }
            #expect(error?.code == .closed)
            #expect(error?.message == "the broker object is shut down")
            let refused = await #expect(throws: AMQPError.self) {
                try await broker.topology().checkQueue("q")
            }
            #expect(refused?.code == .closed)
            let late = broker.consumer(queue: "q", prefetch: 1, maxBatch: 1)
            #expect(await late.makeAsyncIterator().next() == nil)
            mayConfirm.open()
            let outcomes = try await sent.value
            #expect(outcomes == [.confirmed])
        }
        #expect(peer.finish() == [])
    }

    @Test("confirms that do not come are given up after drainTimeout")
    func givesUp() async throws {
        let isSent = Gate()
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            _ = try client.expectPublish()
            isSent.open()
        })
        defer { peer.stop() }
        let began = Locked(ContinuousClock.now)
        try await withGroup(peer.url, drain: .milliseconds(500)) { broker, group in
            let sent = Task { try await broker.publisher.publish([message("q")]) }
            try await isSent.passed()
            began.withLock { $0 = .now }
            await group.triggerGracefulShutdown()
            let outcomes = try await sent.value
            #expect(outcomes == [.unconfirmed])
        }
        let took = ContinuousClock.now - began.withLock { $0 }
        // Far from confirmTimeout.
        #expect(took > .milliseconds(500) && took < .seconds(20), "\(took)")
    }

    @Test("what was handed out may still be acked; nothing more is delivered")
    func acks() async throws {
        let node = try await PrivateBroker.shared()
        let queue = try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue([("x-queue-type", .text("classic"))])
            let sent = try await broker.publisher.publish(
                Array(repeating: message(queue), count: 20))
            #expect(sent.allSatisfy { $0 == .confirmed })
            return queue
        }
        try await withGroup(node.url) { broker, group in
            let consumer = broker.consumer(queue: queue, prefetch: 6, maxBatch: 4)
            #expect(await eventually { await broker.snapshots().consuming?.held == 6 })
            let iterator = consumer.makeAsyncIterator()
            let batch = try #require(await iterator.next())
            await group.triggerGracefulShutdown()
            #expect(await eventually { await broker.snapshots().consuming?.isClosing == true })
            #expect(await iterator.next() == nil)
            #expect(batch.isCurrent)
            for delivery in batch.deliveries { await batch.ack([delivery]) }
        }
        try await withBroker(node.url) { broker in
            let isBack = try await eventually {
                try await broker.topology().checkQueue(queue).messages == 16
            }
            #expect(isBack, "four were acked, and all others returned")
        }
    }
}
