import AMQP
import DeadLettersSupport
import Foundation
import TestSupport
import Testing

@testable import DeadLetters

/// What a real broker dead-letters by itself, and why: told by the headers that it writes.
@Suite(.timeLimit(.minutes(10))) struct BrokerDeathTests {
    /// How a message gets to be given up, and what is to be known of it.
    private struct Death {
        var queue: String
        var arguments: [(key: String, value: FieldValue)] = []
        var strategy = "at-least-once"
        var overflow = "reject-publish"
        var message: OutgoingMessage
        var reason: String
        var exchange = ""
        var routingKey: String
        var attempts = 1
    }

    private static func text(_ text: String) -> FieldValue { .string(Array(text.utf8)) }

    private static func to(_ queue: String, _ body: String) -> OutgoingMessage {
        OutgoingMessage(exchange: "", routingKey: queue, body: Array(body.utf8))
    }

    /// A copy for a second try, as the runtime puts it into a delay queue.
    private static let retried: OutgoingMessage = {
        var message = OutgoingMessage(
            exchange: "refund.delay.1s", routingKey: "test.retried", body: Array("retried".utf8))
        message.properties.headers = FieldTable([
            ("refund-exchange", text("refund.requests")), ("refund-routing-key", text("request")),
            ("refund-attempts", .int32(2)),
            ("refund-first-failed-at", text("2026-11-23T07:00:00.000Z")),
        ])
        return message
    }()

    private static let deaths: [Death] = [
        Death(
            queue: "test.expiring", arguments: [("x-message-ttl", .int64(1))],
            message: to("test.expiring", "expired"), reason: "expired",
            routingKey: "test.expiring"),
        Death(
            queue: "test.returned", arguments: [("x-delivery-limit", .int64(2))],
            message: to("test.returned", "returned"), reason: "delivery_limit",
            routingKey: "test.returned"),
        Death(
            queue: "test.retried", arguments: [("x-delivery-limit", .int64(2))],
            message: retried, reason: "delivery_limit", exchange: "refund.requests",
            routingKey: "request", attempts: 3),
        // Only a queue that lets go of its head does not keep what finds no place.
        Death(
            queue: "test.short", arguments: [("x-max-length", .int64(0))],
            strategy: "at-most-once", overflow: "drop-head",
            message: to("test.short", "dropped"), reason: "overflow", routingKey: "test.short"),
        Death(
            queue: "test.rejected", message: to("test.rejected", "rejected"), reason: "too_large",
            routingKey: "test.rejected"),
    ]

    @Test("Each is stored with the reason, the place and the attempts that its headers prove")
    func brokersOwn() async throws {
        try await DeadLetterSystem.with { system in
            for death in Self.deaths { try await declare(death, in: system) }
            try await system.publish(
                Self.deaths.map(\.message) + [
                    OutgoingMessage(exchange: "refund.facts", routingKey: "usage.no", body: [0xFF])
                ])
            let returning = ["test.returned", "test.retried"].map {
                reject(from: $0, requeue: true, in: system)
            }
            let rejecting = reject(from: "test.rejected", requeue: false, in: system)
            let count = Self.deaths.count + 1
            #expect(try await eventually { try await system.total() == count })
            for task in returning + [rejecting] { task.cancel() }

            let found = try await system.deadLetters("view=full")
            for death in Self.deaths {
                let letter = try #require(
                    found.first { $0["queue"] as? String == death.queue }, "\(death.queue)")
                try check(letter, death)
            }
            let unroutable = try #require(found.first { $0["queue"] is NSNull })
            #expect(unroutable["reason"] as? String == "unroutable")
            #expect(unroutable["origin"] as? String == "unroutable")
            #expect(unroutable["exchange"] as? String == "refund.facts")
            #expect(unroutable["routingKey"] as? String == "usage.no")
            #expect(unroutable["body"] is NSNull && unroutable["bodyBase64"] as? String == "/w==")
        }
    }

    private func check(_ letter: [String: Any], _ death: Death) throws {
        let name = Comment(rawValue: death.queue)
        #expect(letter["origin"] as? String == "broker", name)
        #expect(letter["reason"] as? String == death.reason, name)
        #expect(letter["exchange"] as? String == death.exchange, name)
        #expect(letter["routingKey"] as? String == death.routingKey, name)
        #expect(letter["attempts"] as? Int == death.attempts, name)
        #expect(letter["body"] as? String == String(decoding: death.message.body, as: UTF8.self))
        // It is the broker's word, not ours: its headers are there, as it wrote them.
        let bytes = try #require(Data(base64Encoded: letter["headersBase64"] as? String ?? ""))
        let headers = try #require(FieldTableCodec.decode([UInt8](bytes)))
        guard case .array(let entries)? = headers["x-death"], case .table(let last)? = entries.first
        else { throw SupportFailure("\(death.queue) has no x-death") }
        #expect(last["queue"] == Self.text(death.queue))
        if death.queue == "test.retried" {
            #expect(entries.count == 2 && headers["x-first-death-queue"] != last["queue"])
            #expect(letter["firstFailedAt"] as? String == "2026-11-23T07:00:00Z")
        }
    }

    /// A queue that dead-letters as those of the topology do.
    private func declare(_ death: Death, in system: DeadLetterSystem) async throws {
        let arguments: [(key: String, value: FieldValue)] = [
            ("x-queue-type", Self.text("quorum")),
            ("x-dead-letter-exchange", Self.text("refund.dead-letters")),
            ("x-dead-letter-routing-key", Self.text(death.queue)),
            ("x-dead-letter-strategy", Self.text(death.strategy)),
            ("x-overflow", Self.text(death.overflow)),
        ]
        try await system.client.topology().declare(
            QueueDeclaration(
                name: death.queue, arguments: FieldTable(arguments + death.arguments)))
    }

    private func reject(
        from queue: String, requeue: Bool, in system: DeadLetterSystem
    ) -> Task<Void, Never> {
        let consumer = system.client.consumer(queue: queue, prefetch: 1, maxBatch: 1)
        return Task {
            for await batch in consumer {
                for delivery in batch.deliveries {
                    await batch.reject(delivery, requeue: requeue)
                }
            }
        }
    }
}
