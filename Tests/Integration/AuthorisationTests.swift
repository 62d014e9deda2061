import AMQP
import Foundation
import RefundMessages
import TestSupport
import Testing

extension IntegrationTests {
    /// Nobody may publish what is not theirs, and what nobody takes is not lost.
    @Suite struct AuthorisationTests {
        /// User, exchange and routing key.
        private static let forbidden = [
            ("gateway", "refund.results", "pca"),
            ("gateway", "refund.requests", "request"),
            ("gateway", "refund.outcomes", "refunded.gateway"),
            ("gateway", "refund.settlements", "leg"),
            ("gateway", "refund.delay.1s", "refund.checks.pca"),
            ("gateway", "", "refund.results"),
            ("orchestrator", "refund.results", "gateway"),
            ("storefront", "refund.facts", "order"),
            ("storefront", "refund.outcomes", "refunded.gateway"),
            ("billing", "refund.facts", "usage.gateway"),
            ("control-plane", "refund.facts", "order"),
            ("subscriber", "refund.requests", "request"),
        ]

        @Test(
            "The broker refuses what a user may not publish", .timeLimit(.minutes(10)),
            arguments: forbidden)
        func theBrokerRefuses(_ user: String, _ exchange: String, _ routingKey: String) async throws
        {
            let system = try await RefundSystem.shared()
            let message = OutgoingMessage.json(exchange, routingKey, type: nil, Array("{}".utf8))
            try await withBroker(system.url(of: user)) { broker in
                let error = await #expect(throws: AMQPError.self) {
                    try await broker.publisher.publish([message])
                }
                #expect(error?.code == .accessRefused)
            }
        }

        @Test(
            "A user may publish what is theirs", .timeLimit(.minutes(10)),
            arguments: [
                ("storefront", "refund.requests", "request"), ("billing", "refund.facts", "order"),
                ("control-plane", "refund.facts", "usage.gateway"),
            ])
        func theBrokerAccepts(_ user: String, _ exchange: String, _ routingKey: String) async throws
        {
            let system = try await RefundSystem.shared()
            let message = OutgoingMessage.json(exchange, routingKey, type: nil, Array("{}".utf8))
            try await withBroker(system.url(of: user)) { broker in
                let outcomes = try await broker.publisher.publish([message])
                #expect(outcomes == [.confirmed])
            }
        }

        @Test(
            "A forged result for a case in review changes nothing, alone or among others",
            .timeLimit(.minutes(10)), arguments: [false, true])
        func aForgedResultChangesNothing(isInBundle: Bool) async throws {
            let system = try await RefundSystem.shared()
            let scenario = ScenarioKind.metered.scenario("forged-\(UUID())")
            try await system.publish(scenario.facts + [.request(scenario.request)])
            let review = try await system.outcome(of: scenario.id) { $0.status == .inReview }
            let forged = RefundResult(
                caseID: scenario.id, requestID: scenario.id, orderID: scenario.order.orderID,
                product: .gateway, revision: 9,
                lines: [
                    LineVerdict(
                        lineID: "1", verdict: .eligible, code: .eligible, rules: [.gw2],
                        amount: 160)
                ])
            let messageIDs = isInBundle ? ["forged-\(UUID())", "forged-\(UUID())"] : []
            let items = messageIDs.map {
                #"{"messageId":"\#($0)","body":\#(String(decoding: forged.encode(), as: UTF8.self))}"#
            }
            let message = OutgoingMessage.json(
                "refund.results", "pca",
                type: isInBundle ? "refund.bundle.v1" : RefundResult.messageType,
                isInBundle
                    ? Array("[\n\(items.joined(separator: ",\n"))\n]".utf8) : forged.encode())
            try await withBroker(system.url(of: "pca")) { broker in
                let outcomes = try await broker.publisher.publish([message])
                #expect(outcomes == [.confirmed])
            }
            for id in isInBundle ? messageIDs.map(Optional.some) : [message.properties.messageID] {
                let letter = try await system.messages.deadLetter {
                    $0.properties.messageID == id
                }
                #expect(DeadLetterHeaders(letter).text("reason") == "not_authorised")
                #expect(letter.body == forged.encode())
            }
            #expect(system.messages.latest(of: scenario.id) == review)
            try await system.awaitEndings(of: [scenario], within: 240)
        }

        @Test("The webhook's user may not speak for another provider", .timeLimit(.minutes(10)))
        func aForgedNoticeIsRefused() async throws {
            let system = try await RefundSystem.shared()
            let notice = PaymentNotice(
                provider: .sandbox, eventID: "evt_\(UUID())", legID: "forged-notice/p")
            let message = OutgoingMessage.json(
                "refund.payments", "stripe", type: PaymentNotice.messageType, notice.encode())
            try await withBroker(system.url(of: "payment-webhook")) { broker in
                let outcomes = try await broker.publisher.publish([message])
                #expect(outcomes == [.confirmed])
            }
            let letter = try await system.messages.deadLetter {
                $0.properties.messageID == message.properties.messageID
            }
            #expect(DeadLetterHeaders(letter).text("reason") == "not_authorised")
            #expect(letter.body == message.body)
        }

        @Test(
            "What no queue takes ends in the dead letters", .timeLimit(.minutes(10)),
            arguments: ["refund.requests", "refund.facts", "refund.reviews"])
        func theUnroutableIsKept(_ exchange: String) async throws {
            let system = try await RefundSystem.shared()
            let message = OutgoingMessage.json(
                exchange, "no.such.key", type: "anything", Array("kept".utf8))
            try await system.publish([message])
            let letter = try await system.messages.deadLetter {
                $0.properties.messageID == message.properties.messageID
            }
            #expect(letter.body == message.body)
            #expect(letter.properties == message.properties)
            #expect(letter.routingKey == "no.such.key")
        }
    }
}
