import AMQP
import Foundation
import Logging
import TestSupport
import Testing

/// An owner thread that has nothing to do sleeps: no descriptor that is ready and unread, no time that
/// is over and not acted on, may keep it turning.
@Suite("An owner thread with nothing to do sleeps", .timeLimit(.minutes(10)))
struct IdleTests {
    /// Turns in a second that are put down to timers; a loop that spins makes a hundred thousand.
    static let most = 15.0

    /// What spins does so for ever; on a busy machine the state may be reached a little later.
    private func expectIdle(_ broker: Broker, _ state: Comment) async throws {
        let isIdle = try await eventually(within: 30) {
            let (before, began) = (broker.turns, ContinuousClock.now)
            try await Task.sleep(for: .seconds(1))
            let (after, seconds) = (broker.turns, (ContinuousClock.now - began) / .seconds(1))
            let most = Self.most * seconds
            return Double(after.publishing - before.publishing) <= most
                && Double(after.consuming - before.consuming) <= most
        }
        #expect(isIdle, state)
    }

    private func message(_ count: Int = 1) -> OutgoingMessage {
        OutgoingMessage(
            exchange: "", routingKey: "q", body: [UInt8](repeating: 1, count: count))
    }

    @Test(
        "connected, subscribed, with deliveries that nobody takes, and after one was sent and acked"
    )
    func connected() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue([("x-queue-type", .text("classic"))])
            var message = message()
            message.routingKey = queue
            let outcomes = try await broker.publisher.publish(Array(repeating: message, count: 9))
            #expect(outcomes.allSatisfy { $0 == .confirmed })
            let consumer = broker.consumer(queue: queue, prefetch: 5, maxBatch: 1)
            let batch = try #require(await consumer.makeAsyncIterator().next())
            await batch.ack(batch.deliveries)
            #expect(await eventually { await broker.snapshots().consuming?.held == 5 })
            try await expectIdle(broker, "connected")
        }
    }

    @Test("blocked, with messages waiting; and with a full window that is not answered")
    func waiting() async throws {
        let gate = Gate()
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            for _ in 1...2 { _ = try client.expectPublish() }
            try gate.wait()
            try client.send(.method(.blocked, on: 0, AMQPBytes.string("low on memory")))
        })
        try await withPeer(peer, configure: { $0.publishWindowMessages = 2 }) { broker in
            let publishing = Task {
                try await broker.publisher.publish([message(), message(), message()])
            }
            defer { publishing.cancel() }
            #expect(await eventually { await broker.snapshots().publishing?.unanswered == 2 })
            try await expectIdle(broker, "the window is full")
            gate.open()
            #expect(await eventually { !broker.isPublishing })
            try await expectIdle(broker, "blocked")
        }
    }

    @Test("the peer does not read, and the socket is full")
    func full() async throws {
        let gate = Gate()
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            try gate.wait()
        })
        try await withPeer(peer, configure: { $0.publishWindowBytes = 1 << 30 }) { broker in
            // In pieces: the library looks for room between them, and never blocks.
            let publishing = Task {
                try await broker.publisher.publish(
                    Array(repeating: message(16_000), count: 2_000))
            }
            defer { publishing.cancel() }
            #expect(
                await eventually { (await broker.snapshots().publishing?.unanswered ?? 0) > 20 })
            var last = -1
            #expect(
                await eventually {
                    let now = await broker.snapshots().publishing?.unanswered ?? 0
                    defer { last = now }
                    return now == last
                })
            #expect(last < 2_000, "the socket took everything: nothing was tested")
            try await expectIdle(broker, "the socket is full")
            gate.open()
        }
    }

    @Test("no broker: between attempts; and where each login is followed by an end")
    func offline() async throws {
        func waits(_ configuration: inout BrokerConfiguration) {
            configuration.backoffFirst = .milliseconds(400)
            configuration.backoffMost = .milliseconds(800)
        }
        let dead = try FreePort.take()
        try await withBroker("amqp://guest:guest@127.0.0.1:\(dead)/", configure: waits) { broker in
            let call = Task { try await broker.topology().checkQueue("q") }
            let publishing = Task { try await broker.publisher.publish([message()]) }
            defer {
                call.cancel()
                publishing.cancel()
            }
            try await expectIdle(broker, "no broker")
        }
        let peer = try ScriptedPeer(publishing: { $0.halfClose() }, consuming: { $0.halfClose() })
        try await withPeer(peer, configure: waits) { broker in
            let consumer = broker.consumer(queue: "q", prefetch: 1, maxBatch: 1)
            #expect(await eventually { peer.accepted >= 2 })
            try await expectIdle(broker, "half-closed")
            #expect(!consumer.isConsuming)
        }
    }

    @Test("the queue is missing, and its channel is closed again and again")
    func missingQueue() async throws {
        let log = LogStore()
        let node = try await PrivateBroker.shared()
        try await withBroker(
            node.url, logger: log.logger, configure: { $0.backoffMost = .milliseconds(200) }
        ) { broker in
            let consumer = broker.consumer(queue: "never-there", prefetch: 1, maxBatch: 1)
            #expect(await eventually { log.count(.debug, "not consuming") >= 3 })
            #expect(log.count(.warning, "not consuming") == 1, "said once, however often tried")
            #expect(!consumer.isConsuming)
            let (before, began) = (broker.turns.consuming, ContinuousClock.now)
            try await Task.sleep(for: .seconds(1))
            let (turns, seconds) = (
                broker.turns.consuming - before, (ContinuousClock.now - began) / .seconds(1)
            )
            // At most ten attempts a second, of half a dozen frames each.
            #expect(Double(turns) < 120 * seconds)
        }
    }
}
