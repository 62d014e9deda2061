import AMQP
import Database
import DatabaseSupport
import DeadLettersSupport
import RefundMessages
import Testing

@testable import DeadLetters

/// Texts that are not UTF-8, and U+0000 in them, on their way through the store.
@Suite(.everyEngine, .timeLimit(.minutes(10))) struct ForeignTextStoreTests {
    private static let texts: [[UInt8]] = [
        [0x61, 0xFF, 0x00, 0x7A], [0xC3], [0xED, 0xA0, 0x80], Array("\u{10FE80}\u{FFFD}".utf8),
        [UInt8](repeating: 0xFE, count: 255),
    ]

    /// A service's dead letter with that text wherever one may be.
    private func letter(_ bytes: [UInt8]) -> OutgoingMessage {
        let text = String(amqpBytes: bytes)
        var message = DeadLetterSamples.fromService(DeadLetterSamples.request("r-1"), id: text)
        message.properties.type = text
        message.properties.contentType = text
        message.properties.correlationID = text
        message.properties.appID = text
        message.properties.headers?["refund-exchange"] = .string(bytes)
        message.properties.headers?["refund-routing-key"] = .string(bytes)
        message.properties.headers?.entries += [
            (text, .string(bytes)), ("in", .table(FieldTable([(text, .void)]))),
        ]
        return message
    }

    @Test("They are stored, sent again and named in an edit byte for byte", arguments: texts)
    func storedAndSent(bytes: [UInt8]) async throws {
        let rig = try await StoreRig()
        let message = letter(bytes)
        try await rig.arrive([arrival(message)])
        let record = try #require(try await rig.record(1))
        for text in [record.messageID, record.type, record.exchange, record.routingKey] {
            #expect(text?.amqpBytes == bytes)
        }
        let content = try #require(try await rig.database.read { try Content.load([1], in: $0)[1] })
        #expect(content.rawHeaders == message.properties.headers.map(FieldTableCodec.encode))
        #expect(
            FieldTableCodec.encode(content.properties)
                == FieldTableCodec.encode(StoredProperties.table(message.properties)))

        let plain = #"{"key":"k","action":"replay","queue":"q","select":{"ids":["1"]}}"#
        let job = try await rig.job(plain)
        let sent = try #require(try await rig.steps.claim(job, limit: 1).first).message
        check(sent, bytes)
        #expect(sent.properties.messageID?.amqpBytes == bytes)
        try await rig.steps.note(job, taken: [], refused: [(1, "full")])

        let edit =
            #"{"key":"e","action":"replay","queue":"q","select":{"ids":["1"]},"#
            + #""edit":{"bodyBase64":"e30="}}"#
        let edited = try #require(
            try await rig.steps.claim(try await rig.job(edit), limit: 1).first
        ).message
        check(edited, bytes)
        #expect(edited.properties.headers?["refund-edit-of"] == .string(bytes))
    }

    private func check(_ sent: OutgoingMessage, _ bytes: [UInt8]) {
        #expect(sent.properties.type?.amqpBytes == bytes)
        #expect(sent.properties.correlationID?.amqpBytes == bytes)
        #expect(sent.properties.appID?.amqpBytes == bytes)
        let headers = sent.properties.headers ?? FieldTable()
        #expect(headers["refund-exchange"] == .string(bytes))
        #expect(headers["refund-routing-key"] == .string(bytes))
        #expect(
            headers.entries.contains { $0.key.amqpBytes == bytes && $0.value == .string(bytes) })
        guard case .table(let inner)? = headers["in"] else {
            Issue.record("the inner table is gone")
            return
        }
        #expect(inner.entries.map(\.key.amqpBytes) == [bytes])
    }

    @Test("What the broker gave up is of the exchange and key that it names", arguments: texts)
    func ofTheBroker(bytes: [UInt8]) async throws {
        let rig = try await StoreRig()
        var message = OutgoingMessage(
            exchange: "refund.dead-letters", routingKey: "refund.requests", body: [])
        message.properties.headers = FieldTable([
            (
                "x-death",
                .array([
                    .table(
                        FieldTable([
                            ("reason", .string(Array("expired".utf8))),
                            ("queue", .string(Array("refund.requests".utf8))),
                            ("exchange", .string(bytes)),
                            ("routing-keys", .array([.string(bytes)])),
                        ]))
                ])
            )
        ])
        try await rig.arrive([arrival(message)])
        let record = try #require(try await rig.record(1))
        #expect(record.exchange.amqpBytes == bytes && record.routingKey.amqpBytes == bytes)
        #expect(record.reason == "expired" && record.queue == "refund.requests")
    }

    @Test("In JSON a value of them is told with its bytes")
    func json() {
        var json = JSONWriter()
        FieldValue.string([0x61, 0xFF]).write(to: &json)
        #expect(
            String(decoding: json.bytes, as: UTF8.self) == #"{"$type":"string","base64":"Yf8="}"#)
    }
}
