import AMQP
import Database
import DatabaseSupport
import DeadLettersSupport
import RefundMessages
import Testing

@testable import DeadLetters

/// What of the broker's deliveries becomes a dead letter, and what is one already.
@Suite(.everyEngine, .timeLimit(.minutes(10))) struct ArrivalStoreTests {
    private func letter(
        _ body: String = "{}", id: String? = "m-1", at: String = "2026-11-23T07:00:00.123Z",
        queue: String = "refund.requests"
    ) -> OutgoingMessage {
        DeadLetterSamples.fromService(body, id: id, queue: queue, failedAt: at)
    }

    @Test("A message is stored once, however often it is delivered", arguments: ["m-1", nil])
    func redelivery(id: String?) async throws {
        let rig = try await StoreRig()
        try await rig.arrive([arrival(letter(id: id))])
        var again = arrival(letter(id: id), redelivered: true)
        again.properties.headers?["x-delivery-count"] = .int64(3)
        let result = try await rig.arrive([again])
        #expect(result.stored == 0 && result.known == 1)
        #expect(try await rig.all().count == 1)
        #expect(try await rig.countsAreRight())
    }

    @Test(
        "Twins without a message id are both kept: the broker says that neither was delivered before"
    )
    func twins() async throws {
        let rig = try await StoreRig()
        let twin = arrival(letter("{", id: nil))
        try await rig.arrive([twin, twin])
        try await rig.arrive([twin])
        #expect(try await rig.all().count == 3)
        try await rig.arrive([arrival(letter("{", id: nil), redelivered: true)])
        #expect(try await rig.all().count == 3)
        #expect(try await rig.countsAreRight())
    }

    @Test("A service's second copy of an open dead letter is one more sighting of it")
    func sightings() async throws {
        let rig = try await StoreRig()
        try await rig.arrive([arrival(letter())])
        try await rig.arrive([arrival(letter(at: "2026-11-23T08:00:00.000Z"))])
        let all = try await rig.all()
        #expect(all.map(\.sightings) == [2])
        #expect(all.first?.lastFailedAt.rfc3339 == "2026-11-23T08:00:00Z")
    }

    @Test(
        "One message id is not taken for one message",
        arguments: [("{1}", "refund.requests"), ("{}", "refund.reviews")])
    func sameIDOtherMessage(body: String, queue: String) async throws {
        let rig = try await StoreRig()
        try await rig.arrive([arrival(letter()), arrival(letter(body, queue: queue))])
        #expect(try await rig.all().count == 2)
    }

    @Test("Ids that are not UTF-8 are told apart by their bytes")
    func foreignIDs() async throws {
        let rig = try await StoreRig()
        let ids = [[0x61, 0xFF], [0x61, 0xFE], Array("a\u{FFFD}".utf8)].map {
            String(amqpBytes: $0)
        }
        for _ in 0..<2 { try await rig.arrive(ids.map { arrival(letter(id: $0)) }) }
        #expect(try await rig.all().map(\.messageID) == ids)
        #expect(try await rig.countsAreRight())
    }

    @Test("A message that fails again after it was discarded is a new dead letter")
    func afterItsEnd() async throws {
        let rig = try await StoreRig()
        try await rig.arrive([arrival(letter())])
        let job = try await rig.job(
            #"{"key":"d","action":"discard","note":"n","select":{"ids":["1"]}}"#)
        try await rig.steps.apply(job)
        let late = arrival(letter(at: "2026-11-24T08:00:00.000Z"))
        try await rig.arrive([late])
        #expect(try await rig.all().map(\.state) == [.discarded, .open])
        // The first one's own copy, delivered again, is still known.
        try await rig.arrive([arrival(letter(), redelivered: true)])
        #expect(try await rig.all().count == 2)
        #expect(try await rig.countsAreRight())
    }

    @Test("Everything of a message comes out of the store as it was delivered")
    func byteForByte() async throws {
        let rig = try await StoreRig()
        var message = letter(id: "m-\u{1B}[31m")
        message.body = Array(0...255)
        message.properties.headers?.entries += FieldTableCodecTests.everyType.entries
        message.properties.type = "t"
        message.properties.timestamp = .max
        message.properties.priority = 9
        message.properties.replyTo = "r"
        try await rig.arrive([arrival(message)])
        let content = try #require(
            try await rig.database.read { try Content.load([1], in: $0)[1] })
        #expect(content.body == message.body)
        #expect(
            content.rawHeaders == message.properties.headers.map { FieldTableCodec.encode($0) })
        var properties = StoredProperties.properties(content.properties)
        properties.headers = message.properties.headers
        // NaN is unequal to itself: compared without it.
        properties.headers?["nan"] = nil
        message.properties.headers?["nan"] = nil
        #expect(properties == message.properties)
    }

    @Test("Times of arrival never go back, so that ids stay in their order")
    func timesGrow() async throws {
        let rig = try await StoreRig()
        try await rig.arrive([arrival(letter(id: "a"))])
        rig.advance(-3_600)
        try await rig.arrive([arrival(letter(id: "b"))])
        let all = try await rig.all()
        #expect(all[0].receivedAt <= all[1].receivedAt)
    }

    @Test("The first dead letter of its kind is announced, the next ones are not")
    func announcements() async throws {
        let rig = try await StoreRig()
        try await rig.arrive([arrival(letter(id: "a")), arrival(letter(id: "b"))])
        try await rig.arrive([arrival(letter(id: "c"))])
        let alerts = try await rig.database.read {
            try $0.query("SELECT record_id FROM alerts", []).map { try $0.integer(0) }
        }
        #expect(alerts == [1])
    }
}
