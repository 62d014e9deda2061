import AMQP
import Foundation
import TestSupport
import Testing

@Suite("Against a real broker", .timeLimit(.minutes(10)))
struct BrokerTests {
    private func message(_ queue: String, _ body: [UInt8]) -> OutgoingMessage {
        OutgoingMessage(exchange: "", routingKey: queue, body: body)
    }

    @Test("bodies of every awkward size come back byte for byte, in order")
    func bodySizes() async throws {
        // k × (frame_max − 8) ± 1 are where the body frames split.
        let split = 131_072 - 8
        let sizes = [
            0, 1, 65_536, split - 1, split, split + 1, 2 * split - 1, 2 * split, 2 * split + 1,
        ]
        let bodies = sizes.map { size in (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) } }
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            let outcomes = try await broker.publisher.publish(bodies.map { message(queue, $0) })
            #expect(outcomes.allSatisfy { $0 == .confirmed })
            let consumer = broker.consumer(queue: queue, prefetch: 100, maxBatch: 4)
            var received: [[UInt8]] = []
            for await batch in consumer {
                #expect(batch.deliveries.count <= 4)
                received += batch.deliveries.map(\.body)
                await batch.ack(batch.deliveries)
                if received.count >= bodies.count { break }
            }
            #expect(received == bodies)
        }
    }

    @Test("simultaneous calls share the window, and each gets its own outcomes")
    func pipelining() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url, configure: { $0.publishWindowMessages = 32 }) { broker in
            let queue = try await broker.makeQueue()
            try await withThrowingTaskGroup { group in
                for call in 0..<50 {
                    group.addTask {
                        // Every third message has nowhere to go.
                        let messages = (0..<30).map { index in
                            message(
                                index % 3 == 2 ? "nowhere" : queue, Array("\(call).\(index)".utf8))
                        }
                        let outcomes = try await broker.publisher.publish(messages)
                        for (index, outcome) in outcomes.enumerated() {
                            let returned = PublishOutcome.returned(code: 312, text: "NO_ROUTE")
                            #expect(outcome == (index % 3 == 2 ? returned : .confirmed))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let isThere = try await eventually {
                try await broker.topology().checkQueue(queue).messages == 1_000
            }
            #expect(isThere)
        }
    }

    @Test("a full queue that rejects publishes answers with nacks")
    func nacked() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue([
                ("x-queue-type", .text("classic")), ("x-max-length", .int32(2)),
                ("x-overflow", .text("reject-publish")),
            ])
            let outcomes = try await broker.publisher.publish(
                (0..<5).map { message(queue, [UInt8($0)]) })
            #expect(outcomes.filter { $0 == .confirmed }.count == 2)
            #expect(outcomes.filter { $0 == .nacked }.count == 3)
        }
    }

    @Test("no more than the prefetch is delivered until something is acked")
    func prefetch() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            _ = try await broker.publisher.publish((0..<30).map { message(queue, [UInt8($0)]) })
            let consumer = broker.consumer(queue: queue, prefetch: 10, maxBatch: 100)
            let iterator = consumer.makeAsyncIterator()
            var held: [Delivery] = []
            var batches: [DeliveryBatch] = []
            while held.count < 10 {
                let batch = try #require(await iterator.next())
                held += batch.deliveries
                batches.append(batch)
            }
            #expect(held.map { $0.body[0] } == Array(0..<10))
            #expect(try await broker.topology().checkQueue(queue).messages == 20)
            await batches[0].ack(upTo: held[9])
            while held.count < 20 { held += try #require(await iterator.next()).deliveries }
            #expect(try await broker.topology().checkQueue(queue).messages == 10)
        }
    }

    @Test("what is rejected with requeue, or held by a cancelled consumer, is delivered again")
    func redelivery() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            _ = try await broker.publisher.publish([message(queue, [1]), message(queue, [2])])
            let first = broker.consumer(queue: queue, prefetch: 2, maxBatch: 1)
            let batch = try #require(await first.makeAsyncIterator().next())
            let rejected = batch.deliveries[0]
            await batch.reject(rejected, requeue: true)
            for await batch in first where batch.deliveries[0].redelivered {
                #expect(batch.deliveries[0].body == rejected.body)
                break
            }
            await first.cancel()
            #expect(await first.makeAsyncIterator().next() == nil)
            await batch.ack(upTo: rejected)
            let other = broker.consumer(queue: queue, prefetch: 9, maxBatch: 9)
            var bodies: Set<[UInt8]> = []
            for await batch in other {
                for delivery in batch.deliveries { bodies.insert(delivery.body) }
                if bodies.count == 2 { break }
            }
            #expect(bodies == [[1], [2]])
        }
    }

    @Test("a deleted queue cancels its consumer, which subscribes again once the queue is back")
    func queueDeleted() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            let consumer = broker.consumer(queue: queue, prefetch: 5, maxBatch: 5)
            #expect(await eventually { consumer.isConsuming })
            try await broker.topology().deleteQueue(queue)
            #expect(await eventually { !consumer.isConsuming })
            try await broker.topology().declare(
                QueueDeclaration(
                    name: queue, arguments: FieldTable([("x-queue-type", .text("quorum"))])))
            _ = try await broker.publisher.publish([message(queue, [9])])
            let batch = try #require(await consumer.makeAsyncIterator().next())
            #expect(batch.deliveries[0].body == [9])
            #expect(consumer.isConsuming)
        }
    }

    @Test(
        "headers nested 64 deep are read, deeper ones are said to be incomplete and can be rejected"
    )
    func deepHeaders() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue([("x-queue-type", .text("classic"))])
            for depth in [64, 65, 18_000] {
                // Each level: key "", type F, length of the rest.
                var table: [UInt8] = []
                var levels: [[UInt8]] = []
                for level in 1..<depth {
                    let rest = UInt32((level - 1) * 6)
                    levels.append(
                        [0, UInt8(ascii: "F")] + (0..<4).map { UInt8(rest >> (24 - 8 * $0) & 0xFF) }
                    )
                }
                for level in levels.reversed() { table += level }
                try RawClient(port: node.port).publish(queue: queue, headers: table)
            }
            let consumer = broker.consumer(queue: queue, prefetch: 9, maxBatch: 1)
            var complete: [Bool] = []
            for await batch in consumer {
                complete.append(batch.deliveries[0].headersAreComplete)
                #expect((batch.deliveries[0].properties.headers != nil) == complete.last)
                await batch.reject(batch.deliveries[0], requeue: false)
                if complete.count == 3 { break }
            }
            #expect(complete == [true, false, false])
            _ = try await broker.publisher.publish([message(queue, [7])])
            let next = try #require(await consumer.makeAsyncIterator().next())
            #expect(next.deliveries[0].body == [7])
        }
    }

    @Test("an exchange that is not there ends the batch with the broker's reason, and only that")
    func missingExchange() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            let error = await #expect(throws: AMQPError.self) {
                try await broker.publisher.publish([
                    OutgoingMessage(exchange: "no-such-exchange", routingKey: "k", body: [])
                ])
            }
            #expect(error?.code == .notFound)
            #expect(error?.message.contains("no-such-exchange") == true)
            #expect(try await broker.publisher.publish([message(queue, [])]) == [.confirmed])
        }
    }

    @Test("a queue declared differently is refused with the names of queue and argument")
    func mismatch() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue([
                ("x-queue-type", .text("classic")), ("x-max-length", .int32(5)),
            ])
            let error = await #expect(throws: AMQPError.self) {
                try await broker.topology().declare(
                    QueueDeclaration(
                        name: queue,
                        arguments: FieldTable([
                            ("x-queue-type", .text("classic")), ("x-max-length", .int32(6)),
                        ])))
            }
            #expect(error?.code == .preconditionFailed && error?.replyCode == 406)
            #expect(error?.message.contains(queue) == true)
            #expect(error?.message.contains("x-max-length") == true)
            let missing = await #expect(throws: AMQPError.self) {
                try await broker.topology().checkQueue("no-such-queue")
            }
            #expect(missing?.code == .notFound)
        }
    }

    @Test("a temporary queue receives what its bindings ask for")
    func temporaryQueue() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let exchange = "x-\(UUID())"
            try await broker.topology().declare(ExchangeDeclaration(name: exchange, type: "topic"))
            let consumer = broker.consumer(
                temporaryBoundTo: [Binding(exchange: exchange, routingKey: "advice.#")],
                prefetch: 5, maxBatch: 5)
            #expect(await eventually { consumer.isConsuming })
            let keys = ["advice.pca", "denied.pca"]
            let outcomes = try await broker.publisher.publish(
                keys.map { OutgoingMessage(exchange: exchange, routingKey: $0, body: []) })
            #expect(outcomes == [.confirmed, .returned(code: 312, text: "NO_ROUTE")])
            let batch = try #require(await consumer.makeAsyncIterator().next())
            #expect(batch.deliveries.map(\.routingKey) == ["advice.pca"])
        }
    }

    @Test("waiting for a batch ends when its task is cancelled, and takes nothing with it")
    func cancelledWait() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            let consumer = broker.consumer(queue: queue, prefetch: 5, maxBatch: 5)
            let waiting = Task { await consumer.makeAsyncIterator().next() == nil }
            #expect(await eventually { consumer.isConsuming })
            waiting.cancel()
            #expect(await waiting.value)
            _ = try await broker.publisher.publish([message(queue, [1])])
            #expect(await consumer.makeAsyncIterator().next()?.deliveries.count == 1)
        }
    }

    @Test("a wrong password is refused in the broker's words, and tried again until the end")
    func wrongPassword() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(
            node.url(password: "wrong"), configure: { $0.callTimeout = .seconds(1) }
        ) { broker in
            let error = await #expect(throws: AMQPError.self) {
                try await broker.topology().checkQueue("q")
            }
            #expect(error?.code == .notConnected)
            #expect(!broker.isPublishing)
        }
    }
}
