import AMQP
import TestSupport

/// Bytes of the bodies between the services, on average over the mix.
struct MessageSizes: Encodable, Sendable {
    var check: Int
    var result: Int
    var settle: Int
    var outcome: Int

    /// Listens beside the services while `body` has a few requests go through them, slowly, so that
    /// each message travels alone.
    static func measured(at broker: Broker, while body: () async throws -> Void) async throws
        -> MessageSizes
    {
        let exchanges = [
            "refund.checks", "refund.results", "refund.settlements", "refund.outcomes",
        ]
        let taps = exchanges.map { exchange in
            let consumer = broker.consumer(
                temporaryBoundTo: [Binding(exchange: exchange, routingKey: "#")],
                prefetch: 1_000, maxBatch: 1_000)
            return (consumer, Task { await average(consumer) })
        }
        guard await eventually({ taps.allSatisfy(\.0.isConsuming) }) else {
            throw BenchmarkFailure("nobody could listen to the services' messages")
        }
        try await body()
        var sizes: [Int] = []
        for (consumer, task) in taps {
            await consumer.cancel()
            sizes.append(await task.value)
        }
        return MessageSizes(check: sizes[0], result: sizes[1], settle: sizes[2], outcome: sizes[3])
    }

    private static func average(_ consumer: Consumer) async -> Int {
        var (bytes, count) = (0, 0)
        for await batch in consumer {
            bytes += batch.deliveries.reduce(0) { $0 + $1.body.count }
            count += batch.deliveries.count
            await batch.ack(batch.deliveries)
        }
        return count == 0 ? 0 : bytes / count
    }
}
