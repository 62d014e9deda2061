import AMQP
import Foundation
import TestSupport
import Testing

/// Each has a broker of its own, since it is killed, stopped or blocked.
@Suite("Against a broker in trouble", .timeLimit(.minutes(10)), .serialized)
struct BrokenBrokerTests {
    private func message(_ queue: String, _ text: String) -> OutgoingMessage {
        var message = OutgoingMessage(exchange: "", routingKey: queue, body: Array(text.utf8))
        message.properties.deliveryMode = 2
        return message
    }

    @Test("killed and restarted: publishing and consuming go on, nothing confirmed is lost")
    func restart() async throws {
        let node = try await PrivateBroker.start()
        try await withBroker(node.url, configure: { $0.backoffMost = .milliseconds(500) }) {
            broker in
            let queue = try await broker.makeQueue()
            let consumer = broker.consumer(queue: queue, prefetch: 50, maxBatch: 50)
            let confirmed = Locked<Set<String>>([])
            let received = Locked<Set<String>>([])
            let consuming = Task {
                for await batch in consumer {
                    for delivery in batch.deliveries {
                        _ = received.withLock {
                            $0.insert(String(decoding: delivery.body, as: UTF8.self))
                        }
                    }
                    await batch.ack(batch.deliveries)
                }
            }
            let publishing = Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    let text = "\(number)"
                    let outcomes = try? await broker.publisher.publish([message(queue, text)])
                    if outcomes == [.confirmed] {
                        _ = confirmed.withLock { $0.insert(text) }
                    }
                }
            }
            // Left behind, it would go round for ever once the broker object is shut down.
            defer {
                publishing.cancel()
                consuming.cancel()
            }
            #expect(await eventually { confirmed.withLock { $0.count } > 50 })
            // The orderly end first: RabbitMQ 3.10 writes the directory of its quorum queues
            // lazily, and loses a queue that is seconds old when it is killed.
            try await node.stop()
            try await node.restart()
            try await expectProgress(confirmed)
            node.kill()
            #expect(await eventually { !consumer.isConsuming && !broker.isPublishing })
            try await node.restart()
            try await expectProgress(confirmed)
            publishing.cancel()
            await publishing.value
            let all = confirmed.withLock { $0 }
            #expect(await eventually { received.withLock { all.isSubset(of: $0) } })
            #expect(await eventually { consumer.isConsuming })
            await consumer.cancel()
            await consuming.value
        }
    }

    private func expectProgress(_ confirmed: Locked<Set<String>>) async throws {
        let before = confirmed.withLock { $0.count }
        #expect(await eventually { confirmed.withLock { $0.count } > before + 50 })
    }

    /// Whether it is confirmed in the end; a busy machine may need more than `confirmTimeout`.
    private func confirms(_ message: OutgoingMessage, _ broker: Broker) async -> Bool {
        await eventually { (try? await broker.publisher.publish([message])) == [.confirmed] }
    }

    @Test("a stopped broker: a publish ends within its time, and heartbeats end the connection")
    func stopped() async throws {
        let node = try await PrivateBroker.start()
        let queue = try await withBroker(node.url) { try await $0.makeQueue() }
        try await withBroker(
            node.url,
            configure: {
                $0.heartbeat = .seconds(3)
                $0.confirmTimeout = .seconds(2)
            }
        ) { broker in
            #expect(await confirms(message(queue, "a"), broker))
            try await node.pause()
            let began = ContinuousClock.now
            let outcomes = try await broker.publisher.publish([message(queue, "b")])
            #expect(outcomes == [.unconfirmed])
            #expect(ContinuousClock.now - began < .seconds(20))
            #expect(await eventually { !broker.isPublishing && !broker.isConnected })
            node.resume()
            #expect(await eventually { broker.isPublishing && broker.isConnected })
            #expect(await confirms(message(queue, "c"), broker))
        }
    }

    @Test("a memory alarm blocks publishing, in time and said, while consuming goes on")
    func blocked() async throws {
        let node = try await PrivateBroker.start()
        try await withBroker(node.url, configure: { $0.confirmTimeout = .seconds(5) }) { broker in
            let queue = try await broker.makeQueue()
            #expect(await eventually { broker.isPublishing })
            for number in 0..<20 { #expect(await confirms(message(queue, "\(number)"), broker)) }
            try await node.control("set_vm_memory_high_watermark", "0.00001")
            // The broker says `connection.blocked` when something is published.
            #expect(
                await eventually {
                    _ = try? await broker.publisher.publish([message(queue, "x")])
                    return !broker.isPublishing
                })
            let error = await #expect(throws: AMQPError.self) {
                try await broker.publisher.publish([message(queue, "y")])
            }
            #expect(error?.code == .timedOut)
            let consumer = broker.consumer(queue: queue, prefetch: 5, maxBatch: 5)
            var count = 0
            for await batch in consumer {
                count += batch.deliveries.count
                await batch.ack(batch.deliveries)
                if count >= 20 { break }
            }
            #expect(broker.isConnected)
            try await node.control("set_vm_memory_high_watermark", "0.6")
            #expect(await eventually { broker.isPublishing })
            #expect(await confirms(message(queue, "z"), broker))
        }
    }

    @Test("a broker that comes up later is waited for, and the second host of two is found")
    func lateAndSecond() async throws {
        let node = try await PrivateBroker.start()
        let closed = try FreePort.take()
        let uri = "amqp://guest:guest@127.0.0.1:\(closed)/,\(node.url)"
        try await withBroker(uri) { broker in
            #expect(await eventually { broker.isPublishing })
        }
        try await node.stop()
        try await withBroker(
            node.url,
            configure: {
                $0.backoffMost = .milliseconds(300)
                // However long the node takes to start.
                $0.callTimeout = .seconds(240)
            }
        ) { broker in
            async let declared = broker.topology().declare(QueueDeclaration(name: "late"))
            try await node.restart()
            #expect(try await declared.name == "late")
        }
    }

    @Test(
        "a publish in flight when the broker is killed is unconfirmed at once, and never repeated")
    func unconfirmed() async throws {
        let node = try await PrivateBroker.start()
        try await withBroker(node.url, configure: { $0.backoffMost = .milliseconds(300) }) {
            broker in
            let queue = try await broker.makeQueue([("x-queue-type", .text("classic"))])
            // The orderly end first: a queue that is seconds old may not outlive a kill.
            try await node.stop()
            try await node.restart()
            let first = try await broker.publisher.publish([message(queue, "a")])
            #expect(first == [.confirmed])
            // Stopped, it takes what is sent into its socket and never reads it.
            try await node.pause()
            let sent = Task { try await broker.publisher.publish([message(queue, "b")]) }
            #expect(await eventually { await broker.snapshots().publishing?.unanswered == 1 })
            let began = ContinuousClock.now
            node.kill()
            let outcomes = try await sent.value
            #expect(outcomes == [.unconfirmed])
            #expect(ContinuousClock.now - began < .seconds(20), "not only after confirmTimeout")
            try await node.restart()
            let last = try await broker.publisher.publish([message(queue, "c")])
            #expect(last == [.confirmed])
            let consumer = broker.consumer(queue: queue, prefetch: 9, maxBatch: 9)
            var texts: [String] = []
            for await batch in consumer {
                texts += batch.deliveries.map { String(decoding: $0.body, as: UTF8.self) }
                await batch.ack(batch.deliveries)
                if texts.count >= 2 { break }
            }
            #expect(texts == ["a", "c"])
            await consumer.cancel()
            #expect(try await broker.topology().checkQueue(queue).messages == 0)
        }
    }

    @Test("an ack from before a reconnect is dropped, and the message comes again")
    func staleAck() async throws {
        let node = try await PrivateBroker.start()
        try await withBroker(node.url, configure: { $0.backoffMost = .milliseconds(300) }) {
            broker in
            let queue = try await broker.makeQueue()
            _ = try await broker.publisher.publish([message(queue, "a"), message(queue, "b")])
            let consumer = broker.consumer(queue: queue, prefetch: 2, maxBatch: 2)
            let iterator = consumer.makeAsyncIterator()
            // Both, whether they come together or not: nothing of this subscription is left then.
            var old: [DeliveryBatch] = []
            while old.map(\.deliveries.count).reduce(0, +) < 2 {
                old.append(try #require(await iterator.next()))
            }
            try await node.control("close_all_connections", "test")
            // Both are held and the prefetch is two: only a new subscription delivers more.
            let new = try #require(await iterator.next())
            #expect(new.deliveries[0].redelivered)
            for batch in old {
                for delivery in batch.deliveries { await batch.ack(upTo: delivery) }
            }
            await consumer.cancel()
            let areBack = try await eventually {
                try await broker.topology().checkQueue(queue).messages == 2
            }
            #expect(areBack, "the old acks settled nothing")
        }
    }
}
