import AMQP
import Foundation
import RefundMessages
import TestSupport
import Testing

extension IntegrationTests {
    /// What cannot be processed ends as a dead letter, hurts nobody, and holds nothing up.
    @Suite struct BadInputTests {
        /// Seconds in which a good message behind a bad one is handled: far less than the retries of
        /// the bad one would take, with room for a busy machine.
        static let atOnce = 60.0

        private static let headerNames = [
            "refund-attempts", "refund-consumer", "refund-detail", "refund-exchange",
            "refund-first-failed-at", "refund-last-failed-at", "refund-queue", "refund-reason",
            "refund-routing-key",
        ]

        @Test(
            "A bad message becomes a dead letter and the next good one is handled at once",
            .timeLimit(.minutes(10)), arguments: BadMessage.all)
        func aBadMessageBecomesADeadLetter(_ bad: BadMessage) async throws {
            let system = try await RefundSystem.shared()
            let service = try #require(system.processes(bad.target.service).first)
            let id = UUID().uuidString
            let message = bad.message(id)
            try await system.publish([message])
            let good = ScenarioKind.unused(bad.target.product).scenario("good-\(id)")
            try await system.run(good, within: Self.atOnce)
            let letter = try await system.messages.deadLetter { $0.properties.messageID == id }
            check(letter, of: message, bad)
            #expect(service.isRunning)
        }

        private func check(
            _ letter: Delivery, of message: OutgoingMessage, _ bad: BadMessage
        ) {
            let headers = DeadLetterHeaders(letter)
            #expect(headers.text("reason") == bad.reason.rawValue)
            #expect(headers.text("path") == bad.path)
            #expect((1...1_024).contains(headers.text("detail")?.utf8.count ?? 0))
            #expect(headers.text("queue") == bad.target.queue)
            #expect(headers.text("exchange") == bad.target.exchange)
            #expect(headers.text("routing-key") == bad.target.routingKey)
            #expect(headers.text("consumer")?.hasPrefix("\(bad.target.service)-") == true)
            #expect(headers.attempts == 1)
            #expect(headers.instant("first-failed-at") != nil)
            #expect(headers.text("last-failed-at") == headers.text("first-failed-at"))
            let expected = Self.headerNames + (bad.path == nil ? [] : ["refund-path"])
            #expect(headers.names == expected.sorted())

            #expect(letter.body == message.body)
            var kept = letter.properties
            kept.headers?.entries.removeAll { $0.key.hasPrefix("refund-") }
            #expect(kept == message.properties)
            #expect(letter.exchange == "refund.dead-letters")
            #expect(letter.routingKey == bad.target.queue)
        }

        @Test(
            "Properties that would change what the broker does are set aside",
            .timeLimit(.minutes(10)))
        func propertiesAreSetAside() async throws {
            let system = try await RefundSystem.shared()
            let id = UUID().uuidString
            var message = OutgoingMessage.json(
                "refund.requests", "request", type: nil, Array("bad \(id)".utf8), id: id)
            message.properties.userID = "guest"
            message.properties.expiration = "3600000"
            message.properties.priority = 3
            message.properties.headers = FieldTable([
                ("CC", .array([.string(Array("elsewhere".utf8))])),
                ("x-death", .array([.table(FieldTable([("count", .int64(3))]))])),
                ("refund-reason", .string(Array("forged".utf8))),
                ("mine", .bool(true)),
            ])
            try await system.publish([message])
            let letter = try await system.messages.deadLetter { $0.properties.messageID == id }
            let original = try #require(DeadLetterHeaders(letter).original)
            #expect(original["user_id"] == .string(Array("guest".utf8)))
            #expect(original["expiration"] == .string(Array("3600000".utf8)))
            #expect(original["CC"] == message.properties.headers?["CC"])
            #expect(original["x-death"] == message.properties.headers?["x-death"])
            #expect(DeadLetterHeaders(letter).text("reason") == "malformed_json")
            #expect(letter.properties.headers?["mine"] == .bool(true))
            #expect(letter.properties.headers?["CC"] == nil)
            #expect(letter.properties.userID == nil)
            #expect(letter.properties.expiration == nil)
            #expect(letter.properties.priority == 3)
        }

        @Test("A message without any property is taken for what its exchange carries")
        func noPropertyIsNeeded() async throws {
            let system = try await RefundSystem.shared()
            let scenario = ScenarioKind.unused(.pca).scenario("bare-\(UUID())")
            let bare = (scenario.facts + [.request(scenario.request)]).map {
                OutgoingMessage(exchange: $0.exchange, routingKey: $0.routingKey, body: $0.body)
            }
            try await system.publish(bare)
            try await system.awaitEndings(of: [scenario], within: 240)
        }

        @Test(
            "Headers nested 18,000 deep are left to the broker's dead-lettering",
            .timeLimit(.minutes(10)),
            arguments: [BadMessage.Target.requests, .checks(.pca)])
        func deepHeadersAreRejected(_ target: BadMessage.Target) async throws {
            let system = try await RefundSystem.shared()
            let service = try #require(system.processes(target.service).first)
            let id = UUID().uuidString
            let body = Array(BadMessage.request(id).utf8)
            try RawPublisher.publish(
                port: system.broker.port, exchange: target.exchange, routingKey: target.routingKey,
                messageID: id, tableDepth: 18_000, body: body)
            let good = ScenarioKind.unused(target.product).scenario("good-\(id)")
            try await system.run(good, within: Self.atOnce)
            // RabbitMQ itself takes seconds for such a message.
            let letter = try await system.messages.deadLetter(within: 160) {
                $0.properties.messageID == id
            }
            #expect(letter.body == body)
            #expect(letter.exchange == "refund.dead-letters")
            #expect(letter.routingKey == target.queue)
            #expect(service.isRunning)
        }
    }
}
