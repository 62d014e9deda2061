import AMQP
import Logging

func sendAndReceive(at uri: String) async throws -> String? {
    let configuration = try BrokerConfiguration(uri: uri, connectionName: "hello")
    let broker = Broker(configuration, logger: Logger(label: "hello"))
    async let _: Void = broker.run()
    let queue = QueueDeclaration(name: "hello", arguments: ["x-queue-type": "quorum"])
    try await broker.topology().declare(queue)

    let hello = OutgoingMessage(exchange: "", routingKey: "hello", body: Array("Hello!".utf8))
    guard try await broker.publisher.publish([hello]) == [.confirmed] else { return nil }

    for await batch in broker.consumer(queue: "hello", prefetch: 100, maxBatch: 10) {
        await batch.ack(batch.deliveries)
        return String(decoding: batch.deliveries[0].body, as: UTF8.self)
    }
    return nil
}
