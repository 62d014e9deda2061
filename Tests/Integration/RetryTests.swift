import AMQP
import Foundation
import RefundMessages
import TestSupport
import Testing

extension IntegrationTests {
    /// A passing failure is no dead letter.
    @Suite struct RetryTests {
        @Test(
            "While a worker's database is away its messages are retried and others go on",
            .timeLimit(.minutes(10)))
        func aLockedDatabaseLosesNothing() async throws {
            let system = try await RefundSystem.shared()
            let held = ScenarioKind.unused(.repository).scenario("held-\(UUID())")
            let later = (0..<20).map {
                ScenarioKind.unused(.repository).scenario("later-\(UUID())-\($0)")
            }
            try await system.publish(Scenario.facts(of: [held] + later))
            try await system.waitUntilHandled(["refund.facts.orders", "refund.facts.repository"])
            let lock = try DatabaseLock(system.database(.repository))
            try await system.publish([.request(held.request)])
            // The other products do not notice.
            try await system.run(ScenarioKind.unused(.gateway).scenario("free-\(UUID())"))

            let isRetry = { (delivery: Delivery) in
                delivery.exchange == "refund.delay.1s"
                    && delivery.properties.correlationID == held.id
                    && DeadLetterHeaders(delivery).attempts == 1
            }
            #expect(
                await eventually(within: 120) { system.messages.messages.contains(where: isRetry) })
            try await system.publish(later.map { .request($0.request) })
            #expect(system.messages.outcomes(of: held.id).isEmpty)
            try lock.release()
            try await system.awaitEndings(of: [held] + later, within: 240)

            let retry = try #require(system.messages.messages.first(where: isRetry))
            let headers = DeadLetterHeaders(retry)
            #expect(retry.routingKey == "refund.checks.repository")
            #expect(headers.text("exchange") == "refund.checks")
            #expect(headers.text("routing-key") == "repository")
            #expect(headers.instant("first-failed-at") != nil)
            #expect(headers.text("reason") == nil)
            #expect(
                !system.messages.deadLetters.contains { $0.properties.correlationID == held.id })
        }
    }
}
