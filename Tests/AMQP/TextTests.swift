import TestSupport
import Testing

@testable import AMQP

@Suite("AMQP's texts", .timeLimit(.minutes(5)))
struct TextTests {
    /// Names, keys and properties that are not UTF-8, and some that only look so.
    static let foreign: [[UInt8]] =
        (0x80...0xFF).map { [UInt8(ascii: "a"), $0, UInt8(ascii: "z")] } + [
            [0xFF], [0xC3], [0xC3, 0x28], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xF0, 0x9F, 0x92],
            // Overlong, a surrogate, above U+10FFFF.
            [0xC0, 0x80], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            // The characters that stand for bytes, among others.
            Array("\u{10FE00}\u{10FEFF}\u{10FDFF}\u{10FF00}".utf8),
            Array("\u{10FE80}".utf8) + [0x80],
            [UInt8](repeating: 0xFE, count: 255),
        ]

    @Test("keep their bytes", arguments: foreign)
    func bytesAreKept(bytes: [UInt8]) {
        let text = String(amqpBytes: bytes)
        #expect(text.amqpBytes == bytes)
        #expect(text.amqpByteCount == bytes.count)
    }

    @Test(
        "are themselves where they are UTF-8", arguments: ["", "a-1", "日本語", "é\0", "\u{10FFFF}"])
    func utf8IsItself(text: String) {
        #expect(String(amqpBytes: Array(text.utf8)).utf8.elementsEqual(text.utf8))
        #expect(text.amqpBytes == Array(text.utf8))
    }

    @Test("differ where their bytes differ")
    func bytesTellThemApart() {
        var generator = SystemRandomNumberGenerator()
        var texts: [[UInt8]: [UInt8]] = [:]
        // Few different bytes, so that valid, cut and standing-in characters meet.
        let alphabet: [UInt8] = [0x41, 0x80, 0xBA, 0xBB, 0x8F, 0xF4, 0xC3, 0xE2]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            let text = Array(String(amqpBytes: bytes).utf8)
            #expect(texts.updateValue(bytes, forKey: text) ?? bytes == bytes)
        }
    }

    @Test("of 255 bytes are short enough, whatever they are, and of 256 are not")
    func limits() {
        var properties = MessageProperties()
        let text = { (count: Int) in
            String(amqpBytes: [UInt8](repeating: 0x9B, count: count))
        }
        properties.messageID = text(255)
        properties.headers = FieldTable([(text(255), .void)])
        #expect(properties.isPublishable)
        properties.messageID = text(256)
        #expect(!properties.isPublishable)
        properties.messageID = nil
        properties.headers = FieldTable([(text(256), .void)])
        #expect(!properties.isPublishable)
    }

    @Test("that are not UTF-8 go through a broker byte for byte")
    func roundTrip() async throws {
        let node = try await PrivateBroker.shared()
        try await withBroker(node.url) { broker in
            let queue = try await broker.makeQueue()
            let consumer = broker.consumer(queue: queue, prefetch: 300, maxBatch: 300)
            // Written by the byte first, so that what is read is not only what the library wrote.
            let names = Self.foreign
            let raw = try RawClient(port: node.port)
            try raw.publish(
                queue: queue,
                headers: names.flatMap { [UInt8($0.count)] + $0 + [UInt8(ascii: "V")] })
            var deliveries = try await take(1, from: consumer)
            let keys = deliveries.first?.properties.headers?.entries.map(\.key.amqpBytes)
            #expect(keys == names)

            let messages = names.map { bytes in
                var message = OutgoingMessage(exchange: "", routingKey: queue, body: bytes)
                message.properties = .texts(String(amqpBytes: bytes))
                message.properties.headers = deliveries.first?.properties.headers
                return message
            }
            let outcomes = try await broker.publisher.publish(messages)
            #expect(outcomes.allSatisfy { $0 == .confirmed })
            deliveries = try await take(messages.count, from: consumer)
            #expect(deliveries.map(\.properties) == messages.map(\.properties))
            await consumer.cancel()
        }
    }

    private func take(_ count: Int, from consumer: Consumer) async throws -> [Delivery] {
        var deliveries: [Delivery] = []
        let iterator = consumer.makeAsyncIterator()
        while deliveries.count < count {
            let batch = try #require(await iterator.next())
            deliveries += batch.deliveries
            await batch.ack(batch.deliveries)
        }
        return deliveries
    }
}

extension MessageProperties {
    /// Every text that may be anything; the broker looks at the others.
    fileprivate static func texts(_ text: String) -> MessageProperties {
        var properties = MessageProperties()
        properties.contentType = text
        properties.contentEncoding = text
        properties.correlationID = text
        properties.replyTo = text
        properties.messageID = text
        properties.type = text
        properties.appID = text
        properties.clusterID = text
        return properties
    }
}
