import AMQP
import Telemetry
import Testing

@testable import WorkerRuntime

private let now = WallTime(seconds: 1_795_417_200, nanoseconds: 5_000_000)
private let nowText = "2026-11-23T07:00:00.005Z"
private let failures = FailureMessages(consumer: "orchestrator-host-7")

private func published(_ way: FailureMessages.Way) throws -> OutgoingMessage {
    guard case .publish(let message) = way else { throw Unpublished() }
    return message
}

private struct Unpublished: Error {}

private func table(_ entries: (String, FieldValue)...) -> FieldTable {
    FieldTable(entries.map { (key: $0.0, value: $0.1) })
}

/// A delivery that has every property and headers of all sorts.
private func fullDelivery(_ headers: FieldTable) -> Delivery {
    var full = delivery(headers: headers, body: "\u{0}not json \u{ff}")
    full.properties.contentType = "application/json"
    full.properties.contentEncoding = "identity"
    full.properties.deliveryMode = 1
    full.properties.priority = 3
    full.properties.correlationID = "r-1"
    full.properties.replyTo = "back"
    full.properties.expiration = "60000"
    full.properties.timestamp = 12
    full.properties.type = "refund.request.v1"
    full.properties.userID = "storefront"
    full.properties.appID = "shop"
    full.properties.clusterID = "c"
    return full
}

@Suite("Retries and dead letters") struct FailureMessagesTests {
    @Test("A first failure goes to the first delay queue, and comes back to its own")
    func firstRetry() throws {
        let message = try published(
            failures.retry(
                incoming(delivery(headers: table(("a", .bool(true))))), detail: "x", at: now))
        #expect(message.exchange == "refund.delay.1s")
        #expect(message.routingKey == "refund.requests")
        #expect(message.mandatory)
        #expect(message.body == Array("{}".utf8))
        #expect(message.properties.messageID == "m-1")
        #expect(
            message.properties.headers
                == table(
                    ("a", .bool(true)), ("refund-attempts", .int32(1)),
                    ("refund-first-failed-at", .text(nowText)),
                    ("refund-exchange", .text("refund.requests")),
                    ("refund-routing-key", .text("request"))))
    }

    @Test("A retried message keeps its origin and first failure, and loses the broker's x-death")
    func secondRetry() throws {
        let back = delivery(
            exchange: "", routingKey: "refund.requests",
            headers: table(
                ("a", .bool(true)), ("refund-attempts", .int32(1)),
                ("refund-first-failed-at", .text("2026-11-23T06:59:59.000Z")),
                ("refund-exchange", .text("refund.requests")),
                ("refund-routing-key", .text("request")),
                ("refund-original", .table(table(("user_id", .text("u"))))),
                ("x-death", .array([.table(table(("count", .int64(1))))])),
                ("x-first-death-queue", .text("refund.delay.1s")),
                ("x-last-death-reason", .text("expired")), ("x-delivery-count", .int64(0))))
        let again = incoming(back)
        #expect(again.attempts == 1)
        #expect(again.exchange == "refund.requests")
        #expect(again.routingKey == "request")
        let message = try published(failures.retry(again, detail: "x", at: now))
        #expect(message.exchange == "refund.delay.5s")
        #expect(
            message.properties.headers
                == table(
                    ("a", .bool(true)),
                    ("refund-original", .table(table(("user_id", .text("u"))))),
                    ("refund-attempts", .int32(2)),
                    ("refund-first-failed-at", .text("2026-11-23T06:59:59.000Z")),
                    ("refund-exchange", .text("refund.requests")),
                    ("refund-routing-key", .text("request"))))
    }

    @Test("Waiting is no failure: always the first step, attempts unchanged, the first time kept")
    func waiting() throws {
        let first = try published(failures.wait(incoming(delivery()), at: now))
        #expect(first.exchange == "refund.delay.1s")
        #expect(first.properties.headers?["refund-attempts"] == .int32(0))
        var back = delivery(exchange: "", routingKey: "refund.requests")
        back.properties = first.properties
        let later = WallTime(seconds: now.seconds + 5)
        let second = try published(failures.wait(incoming(back), at: later))
        #expect(incoming(back).firstFailedAt == nowText)
        #expect(second.properties.headers == first.properties.headers)
    }

    @Test("After more than a day of failures it is a dead letter that says so")
    func exhausted() throws {
        let back = delivery(
            exchange: "", routingKey: "refund.requests",
            headers: table(
                ("refund-attempts", .int64(53)), ("refund-first-failed-at", .text("then"))))
        let message = try published(
            failures.retry(incoming(back), detail: "The database is away.", at: now))
        #expect(message.exchange == "refund.dead-letters")
        let headers = try #require(message.properties.headers)
        #expect(headers["refund-reason"] == .text("retries_exhausted"))
        #expect(headers["refund-attempts"] == .int32(54))
        #expect(headers["refund-detail"] == .text("Gave up after 54 tries: The database is away."))
        #expect(headers["refund-first-failed-at"] == .text("then"))
        #expect(headers["refund-last-failed-at"] == .text(nowText))
    }

    @Test("A dead letter carries the body, all properties and headers, and the contract's headers")
    func deadLetter() throws {
        let given = fullDelivery(
            table(
                ("traceparent", .text("t")), ("CC", .array([.text("q")])), ("BCC", .array([])),
                ("x-death", .text("theirs")), ("refund-path", .text("/forged")),
                ("refund-attempts", .int32(40)), ("nested", .table(table(("k", .void))))))
        let message = try published(
            failures.deadLetter(
                incoming(given), DeadLetter(reason: "malformed_json", detail: "Not JSON."), at: now)
        )
        #expect(message.exchange == "refund.dead-letters")
        #expect(message.routingKey == "refund.requests")
        #expect(message.body == given.body)
        var expected = given.properties
        expected.userID = nil
        expected.expiration = nil
        expected.headers = table(
            ("traceparent", .text("t")), ("nested", .table(table(("k", .void)))),
            (
                "refund-original",
                .table(
                    table(
                        ("user_id", .text("storefront")), ("expiration", .text("60000")),
                        ("CC", .array([.text("q")])), ("BCC", .array([])),
                        ("x-death", .text("theirs")), ("refund-path", .text("/forged")),
                        ("refund-attempts", .int32(40))))
            ),
            ("refund-reason", .text("malformed_json")), ("refund-detail", .text("Not JSON.")),
            ("refund-queue", .text("refund.requests")),
            ("refund-exchange", .text("refund.requests")),
            ("refund-routing-key", .text("request")),
            ("refund-consumer", .text("orchestrator-host-7")), ("refund-attempts", .int32(1)),
            ("refund-first-failed-at", .text(nowText)), ("refund-last-failed-at", .text(nowText)))
        #expect(message.properties == expected)
    }

    @Test("What is not UTF-8 keeps its bytes: properties, names of headers, the routing key")
    func foreignTexts() throws {
        let bytes: [UInt8] = [0x61, 0xFF, 0x9B, 0xC3]
        let text = String(amqpBytes: bytes)
        var failed = fullDelivery(table((text, .string(bytes))))
        failed.routingKey = text
        failed.properties.messageID = text
        failed.properties.userID = text
        let message = try published(
            failures.deadLetter(
                incoming(failed), DeadLetter(reason: "r", detail: "d"),
                at: now))
        #expect(message.properties.messageID?.amqpBytes == bytes)
        let headers = try #require(message.properties.headers)
        #expect(headers.entries.first?.key.amqpBytes == bytes)
        #expect(headers["refund-routing-key"] == .string(bytes))
        #expect(
            headers["refund-original"]
                == .table(
                    table(
                        ("user_id", .string(bytes)), ("expiration", .text("60000")))))
        // And back again, from a delay queue.
        var retried = delivery(headers: headers, body: "")
        retried.exchange = ""
        #expect(MessageHistory(retried, names: RuntimeNames()).routingKey.amqpBytes == bytes)
    }

    @Test("The path is there when it is known, and the detail is cut at 1 KiB between characters")
    func pathAndDetail() throws {
        let letter = DeadLetter(
            reason: "invalid_message", path: "/lines/0",
            detail: String(repeating: "日", count: 1_000))
        let headers = try #require(
            try published(failures.deadLetter(incoming(delivery()), letter, at: now))
                .properties.headers)
        #expect(headers["refund-path"] == .text("/lines/0"))
        #expect(headers["refund-detail"] == .text(String(repeating: "日", count: 341)))
    }

    @Test("Headers that no frame can carry leave by the broker's own dead-lettering")
    func tooLarge() {
        let big = delivery(
            headers: table(("big", .bytes([UInt8](repeating: 0, count: 128 * 1024)))))
        let letter = DeadLetter(reason: "r", detail: "d")
        #expect(failures.deadLetter(incoming(big), letter, at: now) == .rejectToDeadLetters)
        #expect(failures.retry(incoming(big), detail: "d", at: now) == .rejectToDeadLetters)
    }

    @Test(
        "Our headers are believed only from the default exchange and only where they make sense",
        arguments: [
            ("", FieldValue.int32(3), 3), ("", .uint8(3), 3), ("", .int64(-1), 0),
            ("", .int64(.max), 0), ("", .text("3"), 0), ("", .void, 0),
            ("refund.requests", .int32(3), 0),
        ])
    func forged(_ exchange: String, _ attempts: FieldValue, _ expected: Int) {
        let given = incoming(
            delivery(
                exchange: exchange, routingKey: "refund.requests",
                headers: table(
                    ("refund-attempts", attempts), ("refund-exchange", .text("elsewhere")))))
        #expect(given.attempts == expected)
        #expect(given.exchange == (exchange.isEmpty ? "elsewhere" : exchange))
    }

    @Test("The trace of the message goes on; without one a new begins")
    func trace() throws {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let given = incoming(delivery(headers: table(("traceparent", .text(text)))))
        #expect(given.trace.traceIDText == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(given.trace.traceparent != text)
        let first = incoming(delivery()).trace
        let second = incoming(delivery(headers: table(("traceparent", .text("nonsense"))))).trace
        #expect(first.traceID != second.traceID)
        let message = OutgoingMessage.persistentJSON(
            exchange: "e", routingKey: "k", type: "t.v1", body: [1], messageID: "m",
            correlationID: "c", appID: "a", timestamp: now, trace: given.trace)
        #expect(message.properties.headers?["traceparent"] == .text(given.trace.traceparent))
        #expect(message.properties.deliveryMode == 2)
        #expect(message.properties.timestamp == 1_795_417_200)
    }

    @Test("Message ids are version 4 UUIDs and differ")
    func messageID() {
        let ids = (0..<100).map { _ in MessageID.random() }
        #expect(Set(ids).count == 100)
        for id in ids {
            let parts = id.split(separator: "-")
            #expect(parts.map(\.count) == [8, 4, 4, 4, 12])
            #expect(parts[2].hasPrefix("4") && "89ab".contains(parts[3].prefix(1)))
            #expect(id.allSatisfy { $0 == "-" || "0123456789abcdef".contains($0) })
        }
    }
}
