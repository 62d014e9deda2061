import AMQP
import ContractSupport
import Foundation
import RefundMessages
import TestSupport
import Testing

extension IntegrationTests {
    /// What the system publishes is what the contract says.
    @Suite struct MessageTests {
        @Test("Every message is as its schema says", .timeLimit(.minutes(10)))
        func everyMessageIsAsItsSchemaSays() async throws {
            let system = try await RefundSystem.shared()
            let prefix = "schema-\(UUID())"
            let scenarios = ScenarioKind.all.enumerated().map {
                $1.scenario("\(prefix)-\($0)")
            }
            try await system.publish(Scenario.facts(of: scenarios))
            try await system.publish(scenarios.map { .request($0.request) })
            try await system.awaitEndings(of: scenarios, within: 240)

            let schemas = try ContractSchemas()
            let messages = system.messages.messages.filter {
                $0.properties.correlationID?.hasPrefix(prefix) == true
            }
            var types: Set<String> = []
            for message in messages {
                let type = try #require(message.properties.type)
                types.insert(type)
                let faults = try schemas.faults(in: message.body, type: type)
                #expect(faults == [], "\(type) \(message.properties.messageID ?? "")")
            }
            #expect(
                types == [
                    RefundCheck.messageType, RefundResult.messageType, SettleLeg.messageType,
                    PaymentNotice.messageType, RefundOutcome.messageType,
                ])
        }

        @Test(
            "What a burst of requests makes services tell each other shares messages",
            .timeLimit(.minutes(10)))
        func burstsShareMessages() async throws {
            let system = try await RefundSystem.shared()
            let before = system.messages.bundles.count
            let scenarios = (0..<200).map {
                ScenarioKind.unused(.gateway).scenario("burst-\(UUID())-\($0)")
            }
            try await system.publish(Scenario.facts(of: scenarios))
            try await system.publish(scenarios.map { .request($0.request) })
            try await system.awaitEndings(of: scenarios, within: 300)
            let bundles = system.messages.bundles.dropFirst(before)
            #expect(!bundles.isEmpty)
            let schemas = try ContractSchemas()
            for bundle in bundles {
                #expect(try schemas.faults(in: bundle.body, type: "refund.bundle.v1") == [])
                #expect(bundle.properties.deliveryMode == 2)
                #expect(bundle.exchange != "refund.outcomes")
            }
        }

        @Test(
            "Properties and the trace go on from the request to the outcome",
            .timeLimit(.minutes(10)))
        func propertiesGoOn() async throws {
            let system = try await RefundSystem.shared()
            let scenario = ScenarioKind.card("card_pending", .original)
                .scenario("trace-\(UUID())")
            let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
            var request = OutgoingMessage.request(scenario.request)
            request.properties.headers = FieldTable([
                ("traceparent", .string(Array("00-\(traceID)-00f067aa0ba902b7-01".utf8)))
            ])
            let start = UInt64(Date().timeIntervalSince1970)
            try await system.publish(scenario.facts)
            try await system.publish([request])
            try await system.awaitEndings(of: [scenario], within: 240)
            let end = UInt64(Date().timeIntervalSince1970) + 1

            let messages = system.messages.messages.filter {
                $0.properties.correlationID == scenario.id
            }
            #expect(
                Set(messages.map(\.exchange)) == [
                    "refund.checks", "refund.results", "refund.settlements", "refund.payments",
                    "refund.outcomes",
                ])
            #expect(Set(messages.compactMap(\.properties.messageID)).count == messages.count)
            for message in messages {
                let properties = message.properties
                #expect(properties.contentType == "application/json")
                #expect(properties.deliveryMode == 2)
                #expect((start...end).contains(properties.timestamp ?? 0))
                #expect(properties.appID == Self.sender(of: message.exchange))
                let trace = try #require(Self.traceparent(of: message)?.split(separator: "-"))
                try #require(trace.count == 4)
                #expect(trace[2] != "00f067aa0ba902b7")
                // The provider's news is nobody's answer: it starts a trace of its own.
                #expect((trace[1] == traceID) == (message.exchange != "refund.payments"))
            }
            let outcomes = messages.filter { $0.exchange == "refund.outcomes" }
            #expect(outcomes.map(\.routingKey) == ["settling.monitoring", "refunded.monitoring"])
            #expect(
                outcomes.map(\.properties.messageID) == ["\(scenario.id):1", "\(scenario.id):2"])
        }

        @Test(
            "A repeated request publishes the same outcome again and pays nothing",
            .timeLimit(.minutes(10)))
        func aRepetitionIsAnsweredAgain() async throws {
            let system = try await RefundSystem.shared()
            let scenario = ScenarioKind.unused(.gateway).scenario("again-\(UUID())")
            let first = try #require(try await system.run(scenario))
            try await system.publish([.request(scenario.request)])
            let outcomes = {
                system.messages.messages.filter {
                    $0.exchange == "refund.outcomes" && $0.properties.correlationID == scenario.id
                }
            }
            #expect(await eventually { outcomes().count >= 2 })
            #expect(Set(outcomes().map(\.body)).count == 1)
            #expect(Set(outcomes().map(\.properties.messageID)) == ["\(scenario.id):1"])

            // With other content it is a conflict, and the answer stays.
            var other = scenario.request
            other.reason = "another"
            let conflict = OutgoingMessage.request(other)
            try await system.publish([conflict])
            let letter = try await system.messages.deadLetter {
                $0.properties.messageID == conflict.properties.messageID
            }
            #expect(DeadLetterHeaders(letter).text("reason") == "request_conflict")
            #expect(system.messages.latest(of: scenario.id) == first)
        }

        private static func sender(of exchange: String) -> String {
            switch exchange {
            case "refund.results": "monitoring"
            case "refund.payments": "sandbox"
            default: "orchestrator"
            }
        }

        private static func traceparent(of message: Delivery) -> String? {
            guard case .string(let bytes)? = message.properties.headers?["traceparent"] else {
                return nil
            }
            return String(validating: bytes, as: UTF8.self)
        }
    }
}
