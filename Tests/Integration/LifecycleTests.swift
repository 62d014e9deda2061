import AMQP
import Foundation
import RefundMessages
import TestSupport
import Testing

extension IntegrationTests {
    /// Start, readiness and stop of a service's process.
    @Suite struct LifecycleTests {
        @Test(
            "Services that are there before the broker wait, and take up work when it comes",
            .timeLimit(.minutes(10)))
        func servicesWaitForTheBroker() async throws {
            try await RefundSystem.with([]) { system in
                try await system.broker.stop()
                let started = try [ServiceName.orchestrator, .gateway].map { try system.launch($0) }
                for process in started {
                    #expect(await eventually { (try? await process.get("/healthz").status) == 200 })
                    let ready = try await process.get("/readyz")
                    #expect(ready.status == 503)
                    #expect(ready.body.contains("publisher"))
                    #expect(process.isRunning)
                }
                try await system.broker.restart()
                for process in started { try await process.waitUntilReady() }
                try await system.messages.waitUntilListening()
                try await system.run(ScenarioKind.unused(.gateway).scenario("first"))

                // And again when it dies under them.
                system.broker.kill()
                for process in started {
                    #expect(await eventually { (try? await process.get("/readyz").status) == 503 })
                }
                try await system.broker.restart()
                for process in started { try await process.waitUntilReady() }
                try await system.messages.waitUntilListening()
                try await system.run(ScenarioKind.unused(.gateway).scenario("second"))
            }
        }

        @Test("A service is not ready while one of its queues is missing", .timeLimit(.minutes(10)))
        func aMissingQueueIsNoticed() async throws {
            try await RefundSystem.with([.orchestrator, .gateway]) { system in
                let queue = "refund.checks.gateway"
                let gateway = try #require(system.processes(.gateway).first)
                try await system.client.topology().deleteQueue(queue)
                #expect(await eventually { (try? await gateway.get("/readyz").status) == 503 })
                #expect(try await gateway.get("/readyz").body.contains("consumer \(queue)"))
                #expect(try await gateway.get("/healthz").status == 200)
                try await system.importDefinitions()
                try await gateway.waitUntilReady()
                try await system.run(ScenarioKind.unused(.gateway).scenario("after"))
            }
        }

        @Test(
            "A stop in the middle of the work ends well and loses nothing", .timeLimit(.minutes(10))
        )
        func aStopReturnsWhatIsHeld() async throws {
            let services: [ServiceName] = [.orchestrator, .gateway, .repository]
            try await RefundSystem.with(services) { system in
                let kinds: [ScenarioKind] = [
                    .unused(.gateway), .used(.repository), .partial, .metered, .exhausted,
                ]
                let scenarios = (0..<400).map { kinds[$0 % kinds.count].scenario("stop-\($0)") }
                try await system.publish(Scenario.facts(of: scenarios))
                try await system.waitUntilHandled(["refund.facts.orders"])
                try await system.publish(scenarios.map { .request($0.request) })
                for (index, service) in services.enumerated() {
                    _ = await eventually { system.messages.finals > 60 * (index + 1) }
                    let process = try #require(system.forget(service))
                    #expect(try await process.terminate(within: 60) == 0, "\(process.output)")
                    try await system.start([service])
                }
                try await system.awaitEndings(of: scenarios, within: 240)
                try await Books(system, of: scenarios).check()
            }
        }

        @Test(
            "A stop while the database is away gives the messages back", .timeLimit(.minutes(10)))
        func aStopWithoutDatabaseGivesBack() async throws {
            let services: [ServiceName] = [.orchestrator, .repository]
            try await RefundSystem.with(services) { system in
                let scenarios = (0..<20).map {
                    ScenarioKind.unused(.repository).scenario("held-\($0)")
                }
                try await system.publish(Scenario.facts(of: scenarios))
                try await system.waitUntilHandled([
                    "refund.facts.orders", "refund.facts.repository",
                ])
                let lock = try DatabaseLock(system.database(.repository))
                try await system.publish(scenarios.map { .request($0.request) })
                try await system.waitUntilHandled(["refund.requests", "refund.checks.repository"])
                let worker = try #require(system.forget(.repository))
                _ = try await worker.terminate(within: 240)
                try lock.release()
                try await system.start([.repository])
                try await system.awaitEndings(of: scenarios, within: 240)
            }
        }
    }
}
