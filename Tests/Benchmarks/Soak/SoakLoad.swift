import AMQP
import Foundation
import Synchronization
import TestSupport

/// Numbered messages through one quorum queue: what was confirmed must arrive, whatever happens to
/// the connections. Its own memory does not grow: a bit for each message, given at the start.
final class SoakLoad: Sendable {
    /// Messages published while the connections are cut.
    static let burst = 20
    /// The most messages one run numbers.
    private static let mostMessages = 4 << 20
    /// Longer than any reconnect to a broker that works.
    private static let patienceSeconds = 60.0

    private struct Book {
        var next = 0
        var confirmed = [Bool](repeating: false, count: mostMessages)
        var received = [Bool](repeating: false, count: mostMessages)
        var confirmedCount = 0
        var unsureCount = 0
        /// Confirmed and not yet received.
        var missing = 0
    }

    private let broker: Broker
    private let queue: String
    private let bodyBytes: Int
    private let consumer: Consumer
    private let book = Mutex(Book())
    private let consuming: Mutex<Task<Void, Never>?> = Mutex(nil)

    init(_ broker: Broker, bodyBytes: Int = 16) async throws {
        self.broker = broker
        self.bodyBytes = bodyBytes
        queue = "soak-\(UUID())"
        try await broker.topology().declare(
            QueueDeclaration(
                name: queue,
                arguments: FieldTable([("x-queue-type", .string(Array("quorum".utf8)))])))
        consumer = broker.consumer(queue: queue, prefetch: 500, maxBatch: 100)
        let task = Task {
            for await batch in self.consumer {
                self.receive(batch.deliveries)
                await batch.ack(batch.deliveries)
            }
        }
        consuming.withLock { $0 = task }
    }

    var confirmedCount: Int { book.withLock { $0.confirmedCount } }
    /// Published when the connection fell: they may have arrived or not.
    var unsureCount: Int { book.withLock { $0.unsureCount } }

    func publish(_ count: Int) async throws {
        let numbers = try book.withLock { book in
            guard book.next + count <= Self.mostMessages else {
                throw BenchmarkFailure("a run numbers at most \(Self.mostMessages) messages")
            }
            defer { book.next += count }
            return book.next..<book.next + count
        }
        let outcomes: [PublishOutcome]
        do {
            outcomes = try await broker.publisher.publish(numbers.map(message))
        } catch {
            // Nothing is known of any of them.
            return book.withLock { $0.unsureCount += count }
        }
        book.withLock { book in
            for (number, outcome) in zip(numbers, outcomes) {
                guard outcome == .confirmed else {
                    book.unsureCount += 1
                    continue
                }
                book.confirmed[number] = true
                book.confirmedCount += 1
                if !book.received[number] { book.missing += 1 }
            }
        }
    }

    func awaitConnections() async throws {
        let isUp = await eventually(within: Self.patienceSeconds) {
            self.broker.isPublishing && self.consumer.isConsuming
        }
        guard isUp else { throw BenchmarkFailure("the connections were not made again in time") }
    }

    func awaitEverything() async throws {
        let isThere = await eventually(within: Self.patienceSeconds) {
            self.book.withLock { $0.missing == 0 }
        }
        guard isThere else {
            throw BenchmarkFailure(
                "\(book.withLock { $0.missing }) confirmed messages were never received")
        }
    }

    func end() async {
        await consumer.cancel()
        await consuming.withLock { $0 }?.value
    }

    private func receive(_ deliveries: [Delivery]) {
        book.withLock { book in
            for delivery in deliveries {
                guard let number = Int(delivery.properties.messageID ?? ""),
                    !book.received[number]
                else { continue }
                book.received[number] = true
                if book.confirmed[number] { book.missing -= 1 }
            }
        }
    }

    private func message(_ number: Int) -> OutgoingMessage {
        var properties = MessageProperties()
        properties.deliveryMode = 2
        properties.messageID = "\(number)"
        return OutgoingMessage(
            exchange: "", routingKey: queue, properties: properties,
            body: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: bodyBytes))
    }
}
