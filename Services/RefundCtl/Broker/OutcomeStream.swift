import AMQP
import RefundMessages

/// Outcomes as they are published, over a queue of this connection's own.
struct OutcomeStream: Sendable {
    /// Outcomes delivered and not yet looked at.
    private static let prefetch: UInt16 = 1_000
    private static let maxBatch = 200

    private let consumer: Consumer

    /// Returns once the queue is bound, so that nothing published afterwards is missed.
    init(_ broker: Broker, bindingKey: String) async throws {
        let binding = Binding(exchange: "refund.outcomes", routingKey: bindingKey)
        consumer = broker.consumer(
            temporaryBoundTo: [binding], prefetch: Self.prefetch, maxBatch: Self.maxBatch)
        let deadline = ContinuousClock.now + BrokerSession.connectTimeout
        while !consumer.isConsuming {
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    .unreachable, "the broker does not let this user subscribe to refund.outcomes")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The first body that matches. Throws `timedOut`.
    func first(
        within limit: Duration,
        where matches: @escaping @Sendable (MessageProperties) -> Bool
    ) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                for await batch in consumer {
                    if let found = batch.deliveries.first(where: { matches($0.properties) }) {
                        return found.body
                    }
                    await batch.ack(batch.deliveries)
                }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let body = try await group.next() ?? nil else {
                throw CommandFailure(
                    .timedOut,
                    "no answer within \(limit.components.seconds) s; is the "
                        + "orchestrator running?")
            }
            return body
        }
    }

    /// Every body, until the task is cancelled.
    func forEach(_ handle: @Sendable ([UInt8]) async -> Void) async {
        for await batch in consumer {
            for delivery in batch.deliveries { await handle(delivery.body) }
            await batch.ack(batch.deliveries)
        }
    }
}
