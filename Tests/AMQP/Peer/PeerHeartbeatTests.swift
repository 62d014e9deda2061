import AMQP
import Foundation
import TestSupport
import Testing

/// The peer answers each with one of its own, so a client that stopped sending them would soon be without
/// any, end the connection, and never come to as many on one connection as are wanted. A machine that
/// stands still for two intervals ends one too; the next is as good.
@Suite("Heartbeats", .timeLimit(.minutes(10)))
struct PeerHeartbeatTests {
    static let wanted = 3
    static let interval = Duration.seconds(3)

    /// Notes the heartbeats of a connection that had as many as are wanted.
    private static func count(_ client: PeerConnection, _ seen: Locked<Int>) {
        guard (try? client.expectHeartbeats(wanted)) != nil else { return }
        seen.withLock { $0 = client.heartbeats }
    }

    @Test("go out on an idle connection")
    func idle() async throws {
        let seen = Locked(0)
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            Self.count(client, seen)
        })
        try await withPeer(peer, configure: { $0.heartbeat = Self.interval }) { broker in
            #expect(await eventually(within: 90) { seen.withLock { $0 } == Self.wanted })
            #expect(await eventually { broker.isPublishing })
        }
    }

    @Test("go out on a connection that is blocked, with messages waiting")
    func blocked() async throws {
        let seen = Locked(0)
        let peer = try ScriptedPeer(publishing: { client in
            try client.acceptPublisher()
            try client.send(.method(.blocked, on: 0, AMQPBytes.string("low on disk")))
            Self.count(client, seen)
        })
        try await withPeer(peer, configure: { $0.heartbeat = Self.interval }) { broker in
            #expect(await eventually { broker.isConnected })
            let waiting = Task {
                try await broker.publisher.publish([
                    OutgoingMessage(exchange: "", routingKey: "q", body: [1])
                ])
            }
            #expect(await eventually(within: 90) { seen.withLock { $0 } == Self.wanted })
            #expect(await eventually { !broker.isPublishing }, "blocked, on whichever connection")
            waiting.cancel()
            await #expect(throws: AMQPError.self) { try await waiting.value }
        }
    }

    @Test("go out on a connection that only ever receives")
    func busy() async throws {
        let seen = Locked(0)
        let peer = try ScriptedPeer(consuming: { client in
            let channel = try client.acceptConsumer()
            // One endless message keeps the client's socket full of news.
            let chunk = PeerFrame.body(on: channel, [UInt8](repeating: 1, count: 1_000)).bytes
            try client.send(
                PeerFrame.delivery(on: channel, tag: 1, [])[0],
                .header(on: channel, size: 100_000_000))
            client.whileSending(chunk) { Self.count(client, seen) }
        })
        try await withPeer(peer, configure: { $0.heartbeat = Self.interval }) { broker in
            let consumer = broker.consumer(queue: "q", prefetch: 1, maxBatch: 1)
            #expect(await eventually(within: 90) { seen.withLock { $0 } == Self.wanted })
            #expect(await eventually { consumer.isConsuming })
        }
    }

    @Test("that do not come for two intervals end the connection, and say so")
    func missed() async throws {
        let peer = try ScriptedPeer(consuming: { client in
            client.answersHeartbeats = client.number > 1
            let channel = try client.acceptCall()
            // Logged in, then gone without a word: nothing is answered, nothing is closed.
            if client.number > 1 { try client.send(.declared("q", on: channel)) }
        })
        let began = ContinuousClock.now
        try await withPeer(
            peer,
            configure: {
                $0.heartbeat = Self.interval
                $0.callTimeout = .seconds(60)
            }
        ) { broker in
            // In flight before the silence begins, and so however late this is run.
            let error = await #expect(throws: AMQPError.self) {
                try await broker.topology().checkQueue("q")
            }
            let took = ContinuousClock.now - began
            #expect(error?.code == .connectionLost)
            #expect(error?.message.contains("silent for two heartbeats") == true)
            #expect(took > Self.interval * 1.5, "\(took)")
            let status = try await broker.topology().checkQueue("q")
            #expect(status.messages == 3)
        }
    }
}
