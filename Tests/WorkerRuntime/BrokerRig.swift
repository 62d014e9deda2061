import AMQP
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport

@testable import WorkerRuntime

/// A virtual host of the test's own with one work queue, delays and the dead letters.
struct BrokerRig {
    static let work = "work"
    static let deadLetters = "refund.dead-letters"
    let uri: String

    /// - Parameters:
    ///   - delays: steps of the retry schedule that have a queue.
    ///   - delay: milliseconds that each of them takes.
    init(delays: [String] = ["1s"], delay: Int64 = 1_000) async throws {
        let delays = delays.map { "refund.delay." + $0 }
        let node = try await PrivateBroker.shared()
        uri = node.url(virtualHost: try await node.makeVirtualHost())
        try await withBroker(uri) { broker in
            let topology = broker.topology()
            for exchange in ["in", "out", Self.deadLetters] + delays {
                try await topology.declare(ExchangeDeclaration(name: exchange, type: "topic"))
            }
            let ways: [(String, String, String?)] =
                [
                    (Self.work, "in", Self.deadLetters), ("out", "out", nil),
                    (Self.deadLetters, Self.deadLetters, nil),
                ] + delays.map { ($0, $0, "") }
            for (queue, exchange, deadLetterExchange) in ways {
                var arguments = FieldTable([
                    ("x-queue-type", .text("quorum")), ("x-overflow", .text("reject-publish")),
                ])
                if let deadLetterExchange {
                    arguments["x-dead-letter-exchange"] = .text(deadLetterExchange)
                    arguments["x-dead-letter-strategy"] = .text("at-least-once")
                }
                if queue.hasPrefix("refund.delay") { arguments["x-message-ttl"] = .int64(delay) }
                // As in deploy/rabbitmq/definitions.json.
                if queue == Self.work { arguments["x-delivery-limit"] = .int64(20) }
                try await topology.declare(QueueDeclaration(name: queue, arguments: arguments))
                try await topology.bind(
                    queue: queue, to: Binding(exchange: exchange, routingKey: "#"))
            }
        }
    }

    /// Publishes to the work queue and sees all confirmed.
    func publish(_ bodies: [String], properties: MessageProperties = .init()) async throws {
        let messages = bodies.map {
            OutgoingMessage(
                exchange: "in", routingKey: "a.key", properties: properties, body: Array($0.utf8))
        }
        let outcomes = try await withBroker(uri) { try await $0.publisher.publish(messages) }
        guard outcomes.allSatisfy({ $0 == .confirmed }) else {
            throw SupportFailure("not all was confirmed: \(outcomes)")
        }
    }

    /// Takes and acks that many messages of a queue.
    func take(_ count: Int, from queue: String) async throws -> [Delivery] {
        try await withBroker(uri) { broker in
            var taken: [Delivery] = []
            let consumer = broker.consumer(queue: queue, prefetch: 100, maxBatch: 100)
            for await batch in consumer {
                taken += batch.deliveries
                await batch.ack(batch.deliveries)
                if taken.count >= count { break }
            }
            await consumer.cancel()
            return taken
        }
    }

    /// Takes and acks what is ready in a queue now.
    func takeAll(of queue: String) async throws -> [Delivery] {
        let count = try await ready(in: queue)
        return count == 0 ? [] : try await take(count, from: queue)
    }

    /// Messages ready in a queue now. What a connection held comes back only after it has closed.
    func ready(in queue: String) async throws -> Int {
        try await withBroker(uri) { try await $0.topology().checkQueue(queue).messages }
    }

    /// Waits until that many messages are ready in a queue.
    func ready(in queue: String, becomes count: Int) async throws -> Bool {
        try await withBroker(uri) { broker in
            try await eventually {
                try await broker.topology().checkQueue(queue).messages == count
            }
        }
    }

    /// Takes and acks what is left in a queue: all that comes before a message sent to its end.
    ///
    /// What a closed connection held is part of it: the broker gives it back before it takes what
    /// is published after the close, and returns it to the head of the queue.
    func rest(of queue: String) async throws -> [Delivery] {
        try await withBroker(uri) { broker in
            let marker = OutgoingMessage(exchange: "", routingKey: queue, body: Array("end".utf8))
            guard try await broker.publisher.publish([marker]) == [.confirmed] else {
                throw SupportFailure("the end of \(queue) was not confirmed")
            }
            var taken: [Delivery] = []
            let consumer = broker.consumer(queue: queue, prefetch: 100, maxBatch: 100)
            for await batch in consumer {
                taken += batch.deliveries
                await batch.ack(batch.deliveries)
                if taken.last?.exchange == "", taken.last?.body == marker.body { break }
            }
            await consumer.cancel()
            return taken.dropLast()
        }
    }

    /// Runs one consumer as a service does, until `body` is done; then stops it gracefully.
    func consume(
        _ handler: some BatchHandler, prefetch: UInt16 = 100, maxBatch: Int = 100,
        pause: Duration = .zero, until body: @Sendable (ServiceGroup) async throws -> Void
    ) async throws {
        let broker = Broker(
            try BrokerConfiguration(uri: uri, connectionName: "worker"), logger: .quiet)
        let consumer = QueueConsumer(
            .init(
                queue: Self.work, handler: handler, prefetch: prefetch, maxBatch: maxBatch,
                takesBundles: true, pause: pause),
            instance: "worker-1", broker: broker, logger: .quiet)
        let group = ServiceGroup(
            services: [broker, consumer], gracefulShutdownSignals: [], logger: .quiet)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            try await body(group)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

/// One handling of one message.
struct Handling: Sendable {
    var body: String
    var incoming: Incoming
    var at: ContinuousClock.Instant
}

/// Remembers handlings, and lets a test wait for a number of them.
final class Recorder: BatchHandler {
    private let handlings = Mutex<[Handling]>([])
    private let news = AsyncStream.makeStream(of: Void.self)
    private let body: @Sendable (Handling) async throws -> Disposition

    init(_ body: @escaping @Sendable (Handling) async throws -> Disposition) { self.body = body }

    var all: [Handling] { handlings.withLock { $0 } }

    func handle(_ batch: [Incoming]) async throws -> Handled {
        var dispositions: [Disposition] = []
        for incoming in batch {
            let handling = Handling(
                body: String(decoding: incoming.delivery.body, as: UTF8.self), incoming: incoming,
                at: .now)
            handlings.withLock { $0.append(handling) }
            news.continuation.yield()
            dispositions.append(try await body(handling))
        }
        return Handled(dispositions: dispositions)
    }

    /// Until the handlings are as asked.
    func wait(_ condition: @Sendable ([Handling]) -> Bool) async {
        if condition(all) { return }
        for await _ in news.stream where condition(all) { return }
    }
}
