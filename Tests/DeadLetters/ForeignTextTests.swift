import AMQP
import DeadLettersSupport
import Foundation
import TestSupport
import Testing

@testable import DeadLetters
@testable import WorkerRuntime

/// Texts of AMQP need not be UTF-8: properties, names of headers, routing keys.
@Suite(.timeLimit(.minutes(10))) struct ForeignTextTests {
    private static let texts: [[UInt8]] =
        stride(from: UInt8(0x80), through: 0xFF, by: 5).map { [0x61, $0, 0x1B, 0x00, 0x7A] } + [
            [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], Array("\u{10FE80}\u{FFFD}".utf8),
            [UInt8](repeating: 0xFE, count: 255),
        ]

    private static func message(_ bytes: [UInt8], routingKey: String) -> OutgoingMessage {
        let text = String(amqpBytes: bytes)
        var message = OutgoingMessage(
            exchange: "refund.requests", routingKey: routingKey, body: bytes)
        message.properties.messageID = text
        message.properties.correlationID = text
        message.properties.type = text
        message.properties.contentType = text
        message.properties.contentEncoding = text
        message.properties.replyTo = text
        message.properties.appID = text
        message.properties.clusterID = text
        message.properties.deliveryMode = 2
        message.properties.headers = FieldTable([
            (text, .string(bytes)), ("in", .table(FieldTable([(text, .void)]))), (text, .int8(1)),
        ])
        return message
    }

    private static func plainProperties(_ properties: MessageProperties) -> [UInt8] {
        FieldTableCodec.encode(StoredProperties.table(properties))
    }

    private static func foreignHeaders(_ properties: MessageProperties) -> [UInt8] {
        let entries = (properties.headers ?? FieldTable()).entries
        return FieldTableCodec.encode(FieldTable(entries.filter { !$0.key.hasPrefix("refund-") }))
    }

    @Test(
        "They are stored and replayed byte for byte, whether the broker or a service gave them up")
    func storedAndReplayed() async throws {
        try await DeadLetterSystem.with { system in
            let messages = Self.texts.map { bytes in
                // Half of them come to no queue, by their routing key.
                Self.message(
                    bytes, routingKey: bytes.count % 2 == 1 ? String(amqpBytes: bytes) : "request")
            }
            let serving = Task { try await Self.refuseAll(system).run() }
            try await system.publish(messages)
            #expect(
                try await eventually { try await system.total() == messages.count })
            serving.cancel()
            _ = await serving.result

            for letter in try await system.deadLetters("view=full") {
                try Self.checkStored(letter, messages)
            }
            let job =
                #"{"key":"k","action":"replay","queue":"refund.reviews","select":{"filter":{}}}"#
            let ended = try await system.run(job)
            #expect(ended["done"] as? Int == messages.count)
            let taken = try await system.take(messages.count, from: "refund.reviews")
            for sent in taken {
                let original = try #require(messages.first { $0.body == sent.body })
                #expect(
                    Self.plainProperties(sent.properties)
                        == Self.plainProperties(original.properties))
                #expect(
                    Self.foreignHeaders(sent.properties)
                        == Self.foreignHeaders(original.properties))
                #expect(
                    sent.properties.headers?["refund-routing-key"]
                        == .string(original.routingKey.amqpBytes))
            }
            #expect(Set(taken.map(\.body)) == Set(Self.texts))
        }
    }

    private static func checkStored(
        _ letter: [String: Any], _ messages: [OutgoingMessage]
    ) throws {
        let body = try #require(Data(base64Encoded: letter["bodyBase64"] as? String ?? ""))
        let message = try #require(messages.first { $0.body == [UInt8](body) })
        // What is shown says which bytes it is.
        let id = try #require(letter["messageId"] as? String)
        #expect(id.amqpBytes == message.body)
        let property = (letter["properties"] as? [String: Any])?["message_id"]
        let exact = (property as? [String: Any])?["base64"] as? String
        #expect(
            exact.flatMap { Data(base64Encoded: $0) } ?? Data((property as? String ?? "").utf8)
                == body)
        let headers = try #require(Data(base64Encoded: letter["headersBase64"] as? String ?? ""))
        var stored = MessageProperties()
        stored.headers = FieldTableCodec.decode([UInt8](headers))
        #expect(foreignHeaders(stored) == foreignHeaders(message.properties))
        #expect((letter["routingKey"] as? String)?.amqpBytes == message.routingKey.amqpBytes)
    }

    /// A service of ours at the queue of requests that refuses everything.
    private static func refuseAll(_ system: DeadLetterSystem) -> QueueConsumer {
        struct Refusing: BatchHandler {
            func handle(_ batch: [Incoming]) async throws -> Handled {
                let letter = DeadLetter(reason: "malformed_json", detail: "The body is no JSON.")
                return Handled(dispositions: batch.map { _ in .deadLetter(letter) })
            }
        }
        return QueueConsumer(
            .init(queue: "refund.requests", handler: Refusing()), instance: "test-1",
            broker: system.client, logger: .quiet)
    }
}
