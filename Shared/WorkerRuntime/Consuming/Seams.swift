public import AMQP

/// What publishes: the broker's publisher, or a simulated one.
public protocol MessagePublisher: Sendable {
    /// Publishes all; one outcome for each message, in order, once all are known.
    func publish(_ messages: [OutgoingMessage]) async throws -> [PublishOutcome]
}

extension Publisher: MessagePublisher {}

/// Deliveries that are handled and settled together: the broker's batch, or a simulated one.
package protocol ConsumedBatch: Sendable {
    var deliveries: [Delivery] { get }
    var isCurrent: Bool { get }
    func ack(_ deliveries: [Delivery]) async
    func reject(_ delivery: Delivery, requeue: Bool) async
}

extension DeliveryBatch: ConsumedBatch {}
