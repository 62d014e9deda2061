import AMQP
import Telemetry

@testable import WorkerRuntime

/// A message between services, as `persistentJSON` makes them.
func internalMessage(
    _ id: String, body: String? = nil, exchange: String = "in", routingKey: String = "a.key"
) -> OutgoingMessage {
    .persistentJSON(
        exchange: exchange, routingKey: routingKey, type: "t.v1",
        body: Array((body ?? "{\"id\":\"\(id)\"}").utf8), messageID: id, correlationID: "c-\(id)",
        appID: "tests", timestamp: WallTime(seconds: 1_700_000_000), trace: .random())
}

/// Those messages as one bundle.
func bundle(_ messages: [OutgoingMessage]) -> OutgoingMessage {
    BundlePacking(
        messages, to: Set(messages.map(\.exchange)), most: Bundle.mostItems, names: RuntimeNames()
    ).messages[0]
}

extension OutgoingMessage {
    /// As it arrives.
    func delivery(
        tag: UInt64 = 1, redelivered: Bool = false, exchange: String? = nil
    ) -> Delivery {
        Delivery(
            tag: tag, redelivered: redelivered, exchange: exchange ?? self.exchange,
            routingKey: routingKey, properties: properties, body: body)
    }

    var text: String { String(decoding: body, as: UTF8.self) }
}
