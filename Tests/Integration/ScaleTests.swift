import Foundation
import RefundMessages
import TestSupport
import Testing

extension IntegrationTests {
    /// Several instances of each service share its queues and its database.
    @Suite struct ScaleTests {
        @Test(
            "Two of each service come to the same endings, and pay each leg once",
            .timeLimit(.minutes(20)))
        func twoOfEach() async throws {
            // Some of the samples end when a wait does; no other refund may.
            let settings = ["FACTS_WAIT": "15s", "ORDER_WAIT": "15s", "SETTLEMENT_BUDGET": "20s"]
            try await RefundSystem.with(instances: 2, settings: settings) { system in
                var random = SystemRandomNumberGenerator()
                let scenarios = ScenarioKind.mix(300, prefix: "two", using: &random)
                try await system.publish(Scenario.facts(of: scenarios))
                try await system.waitUntilHandled(["refund.facts.orders"])
                // Each request twice: the second is a repetition wherever it is handled.
                try await system.publish(scenarios.map { .request($0.request) })
                try await system.publish(scenarios.map { .request($0.request) })
                try await system.awaitEndings(of: scenarios, within: 360)
                try await Books(system, of: scenarios).check()
                for service in ServiceName.allCases {
                    #expect(system.processes(service).filter(\.isRunning).count == 2)
                }
                try await runSamples(system)
                #expect(system.changed(of: scenarios) == [])
            }
        }

        /// What `make demo` checks, here on two of each.
        private func runSamples(_ system: RefundSystem) async throws {
            let orchestrator = try #require(system.processes(.orchestrator).first)
            let refundctl = try ServiceProcess(
                "refundctl",
                arguments: ["demo", Repository.path("deploy/local/samples"), "--check"],
                environment: [
                    "AMQP_URL": system.url(of: "operator"),
                    "REFUND_API_URL": "http://127.0.0.1:\(try #require(orchestrator.httpPort))",
                ])
            #expect(try await refundctl.waitForEnd(within: 420) == 0, "\(refundctl.output)")
        }
    }
}
