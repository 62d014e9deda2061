import Foundation
import TestSupport
import Testing

@testable import AMQP

@Suite("A scripted peer delivers", .timeLimit(.minutes(10)))
struct PeerDeliveryTests {
    private func body(_ seed: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* seed) }
    }

    /// The bodies of the next deliveries, rejected so that all are settled.
    private func take(_ count: Int, _ consumer: Consumer) async throws -> [[UInt8]] {
        var bodies: [[UInt8]] = []
        let iterator = consumer.makeAsyncIterator()
        while bodies.count < count {
            let batch = try #require(await iterator.next())
            bodies += batch.deliveries.map(\.body)
            await batch.ack(batch.deliveries)
        }
        return bodies
    }

    @Test(
        "messages of two channels, their frames mixed and in pieces of any size, come out whole",
        arguments: [Int.max, 1, 3])
    func interleaved(chunk: Int) async throws {
        let (a, b) = (body(7, 500), body(3, 300))
        let peer = try ScriptedPeer(consuming: { client in
            let first = try client.acceptConsumer()
            let second = try client.acceptConsumer()
            let one = PeerFrame.delivery(on: first, tag: 1, a, split: 200)
            let two = PeerFrame.delivery(on: second, tag: 1, b, split: 100)
            // Methods, headers, then the bodies in turn; a heartbeat and news in between.
            let mixed = [
                one[0], two[0], two[1], .heartbeat, one[1], two[2], one[2],
                .method(.blocked, on: 0, AMQPBytes.string("low on memory")), one[3], two[3],
                .method(.unblocked, on: 0), two[4], one[4],
            ]
            try client.send(mixed.flatMap(\.bytes), chunk: chunk)
        })
        try await withPeer(peer) { broker in
            let first = broker.consumer(queue: "a", prefetch: 5, maxBatch: 5)
            #expect(await eventually { first.isConsuming })
            let second = broker.consumer(queue: "b", prefetch: 5, maxBatch: 5)
            let bodies = [try await take(1, first), try await take(1, second)]
            #expect(bodies == [[a], [b]])
        }
    }

    @Test("after a crowd the next message is read by itself, though nothing else happens")
    func afterCrowd() async throws {
        let crowd = ReadingPace.crowd
        let gate = Gate()
        let peer = try ScriptedPeer(consuming: { client in
            let channel = try client.acceptConsumer()
            let frames = (1...crowd + 1).map { tag in
                PeerFrame.delivery(on: channel, tag: UInt64(tag), [UInt8(tag)]).flatMap(\.bytes)
            }
            try client.send(frames[..<crowd].flatMap { $0 })
            try gate.wait()
            try client.send(frames[crowd])
        })
        try await withPeer(peer) { broker in
            let consumer = broker.consumer(queue: "q", prefetch: 200, maxBatch: 5)
            let iterator = consumer.makeAsyncIterator()
            var taken: [Delivery] = []
            // Nothing is settled: only the end of its rest makes the connection read again.
            while taken.count < crowd {
                taken += try #require(await iterator.next()).deliveries
            }
            gate.open()
            taken += try #require(await iterator.next()).deliveries
            #expect(taken.map(\.tag) == (1...UInt64(crowd + 1)).map { $0 })
        }
    }

    @Test("an answer on another channel may come between a message's header and its body")
    func answerInside() async throws {
        let body = body(5, 400)
        let peer = try ScriptedPeer(consuming: { client in
            let consumer = try client.acceptConsumer()
            let call = try client.acceptCall()
            let frames = PeerFrame.delivery(on: consumer, tag: 1, body, split: 250)
            try client.send(frames[0], frames[1], .declared("q", on: call), frames[2])
            try client.expect(.channelClose)
            try client.send(.method(.channelCloseOK, on: call), frames[3])
        })
        try await withPeer(peer) { broker in
            let consumer = broker.consumer(queue: "q", prefetch: 5, maxBatch: 5)
            #expect(await eventually { consumer.isConsuming })
            let messages = try await broker.topology().checkQueue("q").messages
            #expect(messages == 3)
            let bodies = try await take(1, consumer)
            #expect(bodies == [body])
        }
    }

    @Test("with small frames bodies are split and joined at k × (frame_max − 8) ± 1, both ways")
    func smallFrames() async throws {
        let split = 4_096 - 8
        let bodies = [0, 1, split - 1, split, split + 1, 3 * split - 1, 3 * split, 3 * split + 1]
            .map { body(11, $0) }
        let offer = PeerConnection.Offer(frameMax: 4_096)
        let peer = try ScriptedPeer(
            offer: offer,
            publishing: { client in
                try client.acceptPublisher()
                for (index, body) in bodies.enumerated() {
                    let (frameBytes, received) = try client.expectPublish()
                    guard frameBytes <= 4_096, received == body else {
                        throw SupportFailure("body \(index) came in frames of \(frameBytes)")
                    }
                }
                try client.send(.confirm(.ack, UInt64(bodies.count), multiple: true))
            },
            consuming: { client in
                let channel = try client.acceptConsumer()
                for (index, body) in bodies.enumerated() {
                    let frames = PeerFrame.delivery(
                        on: channel, tag: UInt64(index + 1), body, split: split)
                    try client.send(frames.flatMap(\.bytes))
                }
            })
        try await withPeer(peer) { broker in
            let outcomes = try await broker.publisher.publish(
                bodies.map { OutgoingMessage(exchange: "", routingKey: "q", body: $0) })
            #expect(outcomes.allSatisfy { $0 == .confirmed })
            let consumer = broker.consumer(queue: "q", prefetch: 50, maxBatch: 5)
            #expect(try await take(bodies.count, consumer) == bodies)
        }
    }

    @Test("a consumer that the broker cancels frees its channel and subscribes again")
    func serverCancel() async throws {
        let gate = Gate()
        let peer = try ScriptedPeer(consuming: { client in
            let channel = try client.acceptConsumer()
            try client.send(PeerFrame.delivery(on: channel, tag: 1, [1]).flatMap(\.bytes))
            try gate.wait()
            try client.send(
                .method(.cancel, on: channel, AMQPBytes.string("consumer") + [1]),
                // What was under way is not delivered any more.
                .method(
                    .deliver, on: channel,
                    PeerFrame.delivery(on: 1, tag: 2, [])[0].payload
                        .dropFirst(4).map { $0 }), .header(on: channel, size: 0))
            try client.expect(.channelClose)
            try client.send(.method(.channelCloseOK, on: channel))
            let next = try client.acceptConsumer()
            try client.send(PeerFrame.delivery(on: next, tag: 1, [2]).flatMap(\.bytes))
        })
        try await withPeer(peer) { broker in
            let consumer = broker.consumer(queue: "q", prefetch: 5, maxBatch: 5)
            let iterator = consumer.makeAsyncIterator()
            let old = try #require(await iterator.next())
            gate.open()
            let new = try #require(await iterator.next())
            #expect(new.deliveries.map(\.body) == [[2]])
            #expect(!old.isCurrent && new.isCurrent)
            #expect(await broker.snapshots().consuming?.channels == 1)
        }
    }

    @Test("more than the prefetch allows ends the connection: its memory stays bounded")
    func floods() async throws {
        let peer = try ScriptedPeer(consuming: { client in
            guard client.number == 1 else { return }
            let channel = try client.acceptConsumer()
            for tag in 1...6 {
                try client.send(
                    PeerFrame.delivery(on: channel, tag: UInt64(tag), [0]).flatMap(\.bytes))
            }
        })
        let log = LogStore()
        try await withPeer(peer, logger: log.logger) { broker in
            let consumer = broker.consumer(queue: "q", prefetch: 5, maxBatch: 5)
            #expect(await eventually { log.text.contains("more than the prefetch of 5") })
            #expect(await eventually { peer.accepted >= 3 })
            #expect(!consumer.isConsuming)
        }
    }

    @Test("what is never taken stops at the prefetch: a consumer that does not read costs no more")
    func neverTaken() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue([("x-queue-type", .text("classic"))])
            let messages = (0..<2_000).map { _ in
                OutgoingMessage(exchange: "", routingKey: queue, body: body(3, 100))
            }
            _ = try await broker.publisher.publish(messages)
            let consumer = broker.consumer(queue: queue, prefetch: 20, maxBatch: 5)
            #expect(await eventually { await broker.snapshots().consuming?.held == 20 })
            #expect(try await broker.topology().checkQueue(queue).messages == 1_980)
            // A task that is cancelled takes nothing, however much there is.
            let taken = await Task {
                withUnsafeCurrentTask { $0?.cancel() }
                var count = 0
                for await _ in consumer { count += 1 }
                return count
            }.value
            #expect(taken == 0)
            await consumer.cancel()
            #expect(await broker.snapshots().consuming?.held == 0)
            let areBack = try await eventually {
                try await broker.topology().checkQueue(queue).messages == 2_000
            }
            #expect(areBack)
        }
    }
}
