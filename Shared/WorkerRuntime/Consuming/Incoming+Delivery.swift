import AMQP
import Telemetry

extension Incoming {
    /// The delivery with what our headers tell of it, one step further on its trace.
    init(_ delivery: Delivery, queue: String, names: RuntimeNames) {
        let history = MessageHistory(delivery, names: names)
        self.init(
            delivery: delivery, queue: queue, exchange: history.exchange,
            routingKey: history.routingKey, attempts: history.attempts,
            firstFailedAt: history.firstFailedAt, trace: .continuing(delivery.properties))
    }
}
