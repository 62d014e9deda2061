import AMQP
import DeadLettersSupport
import RefundMessages
import Testing

@testable import DeadLetters

/// Why a message is a dead letter, from the headers that services and brokers write.
@Suite struct FailureStoryTests {
    private static let now = Instant(seconds: 1_800_000_000)

    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var exchange = "refund.dead-letters"
        var routingKey = "refund.requests"
        var headers: FieldTable?
        var isComplete = true
        var redelivered = false
        var origin: FailureStory.Origin
        var reason: String
        var queue: String?
        var from: (exchange: String, key: String)
        var attempts: Int64
        var testDescription: String { name }
    }

    private static func text(_ text: String) -> FieldValue { .string(Array(text.utf8)) }

    /// An entry of `x-death`.
    private static func death(
        _ queue: String, _ reason: String, exchange: String = "refund.requests",
        key: String = "request", count: Int64 = 1
    ) -> FieldValue {
        .table(
            FieldTable([
                ("count", .int64(count)), ("reason", text(reason)), ("queue", text(queue)),
                ("time", .timestamp(1_799_999_000)), ("exchange", text(exchange)),
                ("routing-keys", .array([text(key)])),
            ]))
    }

    private static func first(_ queue: String, _ reason: String, _ exchange: String)
        -> [(key: String, value: FieldValue)]
    {
        [
            ("x-first-death-exchange", text(exchange)), ("x-first-death-queue", text(queue)),
            ("x-first-death-reason", text(reason)),
        ]
    }

    private static func last(_ queue: String, _ reason: String, _ exchange: String)
        -> [(key: String, value: FieldValue)]
    {
        [
            ("x-last-death-exchange", text(exchange)), ("x-last-death-queue", text(queue)),
            ("x-last-death-reason", text(reason)),
        ]
    }

    static let cases: [Case] = [
        Case(
            name: "3.10: delivery limit",
            headers: FieldTable(
                [("x-death", .array([death("refund.requests", "delivery_limit")]))]
                    + first("refund.requests", "delivery_limit", "refund.requests")),
            origin: .broker, reason: "delivery_limit", queue: "refund.requests",
            from: ("refund.requests", "request"), attempts: 1),
        Case(
            name: "3.10: delivery limit after a retry; the latest death is not the first",
            headers: FieldTable(
                [
                    (
                        "x-death",
                        .array([
                            death(
                                "refund.requests", "delivery_limit", exchange: "",
                                key: "refund.requests"),
                            death(
                                "refund.delay.1s", "expired", exchange: "refund.delay.1s",
                                key: "refund.requests"),
                        ])
                    ),
                    ("refund-exchange", text("refund.requests")),
                    ("refund-routing-key", text("request")), ("refund-attempts", .int32(2)),
                    ("refund-first-failed-at", text("2026-11-23T07:00:00Z")),
                ] + first("refund.delay.1s", "expired", "refund.delay.1s")),
            origin: .broker, reason: "delivery_limit", queue: "refund.requests",
            from: ("refund.requests", "request"), attempts: 3),
        Case(
            name: "4.x: delivery limit, with the last death and both counts",
            headers: FieldTable(
                [
                    ("x-acquired-count", .int64(40)), ("x-delivery-count", .int64(20)),
                    ("x-death", .array([death("refund.requests", "delivery_limit")])),
                ] + first("refund.requests", "delivery_limit", "refund.requests")
                    + last("refund.requests", "delivery_limit", "refund.requests")),
            origin: .broker, reason: "delivery_limit", queue: "refund.requests",
            from: ("refund.requests", "request"), attempts: 20),
        Case(
            name: "4.x: acquired and never failed counts as taken",
            headers: FieldTable(
                [
                    ("x-acquired-count", .int64(2)),
                    ("x-death", .array([death("refund.requests", "expired")])),
                ] + last("refund.requests", "expired", "refund.requests")),
            origin: .broker, reason: "expired", queue: "refund.requests",
            from: ("refund.requests", "request"), attempts: 2),
        Case(
            name: "4.x: the array in another order; the queue's own entry counts",
            headers: FieldTable(
                [
                    (
                        "x-death",
                        .array([
                            death(
                                "refund.delay.5s", "expired", exchange: "refund.delay.5s",
                                key: "refund.requests"),
                            death("refund.requests", "maxlen"),
                        ])
                    )
                ] + first("refund.delay.5s", "expired", "refund.delay.5s")
                    + last("refund.requests", "maxlen", "")),
            origin: .broker, reason: "overflow", queue: "refund.requests",
            from: ("refund.requests", "request"), attempts: 1),
        Case(
            name: "Only the last death's names are there",
            headers: FieldTable(
                first("refund.delay.1s", "expired", "refund.delay.1s")
                    + last("refund.requests", "delivery_limit", "refund.requests")),
            origin: .broker, reason: "delivery_limit", queue: "refund.requests",
            from: ("refund.requests", "refund.requests"), attempts: 1),
        Case(
            name: "The dead-letter queue's own count is not the source's",
            headers: FieldTable([
                ("x-death", .array([death("refund.requests", "delivery_limit")])),
                ("x-delivery-count", .int64(7)),
            ]), redelivered: true, origin: .broker, reason: "delivery_limit",
            queue: "refund.requests", from: ("refund.requests", "request"), attempts: 1),
        Case(
            name: "Rejected, since its headers are too deep",
            headers: nil, isComplete: false, origin: .broker, reason: "too_deep",
            queue: "refund.requests", from: ("refund.requests", "request"), attempts: 1),
        Case(
            name: "Rejected, since its headers are too large for a copy",
            headers: FieldTable([("x-death", .array([death("refund.requests", "rejected")]))]),
            origin: .broker, reason: "too_large", queue: "refund.requests",
            from: ("refund.requests", "request"), attempts: 1),
        Case(
            name: "Unroutable, through the alternate exchange", exchange: "refund.facts",
            routingKey: "usage.nothing", headers: nil, origin: .unroutable, reason: "unroutable",
            queue: nil, from: ("refund.facts", "usage.nothing"), attempts: 0),
        Case(
            name: "A publisher's forged reason on what no queue takes", exchange: "refund.requests",
            routingKey: "x",
            headers: FieldTable([
                ("refund-reason", text("not_in_review")), ("refund-queue", text("refund.reviews")),
            ]), origin: .unroutable, reason: "unroutable", queue: nil,
            from: ("refund.requests", "x"), attempts: 0),
        Case(
            name: "A publisher's forged reason on what the broker gave up",
            headers: FieldTable([
                ("refund-reason", text("not_in_review")), ("refund-queue", text("refund.reviews")),
                ("x-death", .array([death("refund.requests", "delivery_limit")])),
            ]), origin: .broker, reason: "delivery_limit", queue: "refund.requests",
            from: ("refund.requests", "request"), attempts: 1),
        Case(
            name: "x-death of no sense",
            headers: FieldTable([("x-death", .array([.void, .table(FieldTable())]))]),
            origin: .broker, reason: "too_large", queue: "refund.requests",
            from: ("", "refund.requests"), attempts: 1),
    ]

    @Test("The story is told by who knows it", arguments: cases)
    func story(_ given: Case) {
        var properties = MessageProperties()
        properties.headers = given.headers
        // What is too deep comes as bytes, of which the broker's own headers can be read.
        let raw = given.isComplete ? nil : FieldTableCodec.encode(Self.tooDeep)
        let delivery = Delivery(
            tag: 1, redelivered: given.redelivered, exchange: given.exchange,
            routingKey: given.routingKey, properties: properties,
            headersAreComplete: given.isComplete, rawHeaders: raw, body: [])
        let story = FailureStory(delivery, at: Self.now)
        #expect(story.origin == given.origin)
        #expect(story.reason == given.reason)
        #expect(story.queue == given.queue)
        #expect(story.exchange == given.from.exchange)
        #expect(story.routingKey == given.from.key)
        #expect(story.attempts == given.attempts)
        #expect(!story.detail.isEmpty)
        #expect(DeadLetterReason(rawValue: story.reason) != nil)
    }

    private static let tooDeep: FieldTable = {
        let deep = (0..<80).reduce(FieldTable()) { table, _ in
            FieldTable([("in", .table(table))])
        }
        return FieldTable([
            ("deep", .table(deep)), ("x-death", .array([death("refund.requests", "rejected")])),
        ])
    }()

    @Test("A service's own dead letter says all by itself")
    func ofAService() {
        let message = DeadLetterSamples.fromService("{}", path: "/lines/3/fee")
        let story = FailureStory(arrival(message), at: Self.now)
        #expect(story.origin == .service && story.reason == "invalid_message")
        #expect(story.path == "/lines/3/fee" && story.consumer == "orchestrator-host-1")
        #expect(story.firstFailedAt.rfc3339 == "2026-11-23T07:00:00.123Z")
        #expect(story.exchange == "refund.requests" && story.routingKey == "request")
    }

    @Test("List indexes make no kinds of their own")
    func fingerprints() {
        #expect(Fingerprint.place("/lines/12/fee") == "/lines/*/fee")
        #expect(Fingerprint.place("") == "" && Fingerprint.place(nil) == nil)
        let one = Fingerprint.of(reason: "r", path: "/a", type: nil)
        #expect(one.utf8.count == 16)
        #expect(one != Fingerprint.of(reason: "r", path: nil, type: "/a"))
    }
}
