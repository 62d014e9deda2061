import AMQP
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RoundTripTests {
    @Test("a published message is confirmed, delivered with every property, and acked")
    func roundTrip() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            var message = OutgoingMessage(exchange: "", routingKey: queue, body: Array("hi".utf8))
            message.properties = .everything
            let outcomes = try await broker.publisher.publish([message])
            #expect(outcomes == [.confirmed])
            let consumer = broker.consumer(queue: queue, prefetch: 10, maxBatch: 10)
            let batch = try #require(await consumer.makeAsyncIterator().next())
            let delivery = try #require(batch.deliveries.first)
            #expect(batch.deliveries.count == 1)
            #expect(delivery.body == message.body)
            #expect(delivery.properties == message.properties)
            #expect(delivery.routingKey == queue)
            #expect(delivery.exchange == "")
            #expect(!delivery.redelivered)
            await batch.ack(upTo: delivery)
            await consumer.cancel()
            #expect(try await broker.topology().checkQueue(queue).messages == 0)
        }
    }
}
