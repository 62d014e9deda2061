import AMQP
import Foundation
import RefundMessages
import TestSupport
import Testing

extension IntegrationTests {
    /// Nothing is lost and nothing is paid twice, whenever a service dies.
    @Suite struct CrashTests {
        private static let requests = 2_000
        private static let kills = 10
        /// Of the last kill: so many requests at least are under way then.
        private static let fewestOpen = 150

        @Test(
            "With 2,000 requests under way any service is killed, ten times over",
            .timeLimit(.minutes(20)))
        func killsLoseNothing() async throws {
            var random = SeededGenerator()
            print("kill -9: REFUND_TEST_SEED=\(random.seed)")
            let scenarios = ScenarioKind.mix(Self.requests, prefix: "crash", using: &random)
            // Waits that no restart outlasts: each ending must be the one of an undisturbed run.
            let settings = ["FACTS_WAIT": "10m", "ORDER_WAIT": "10m", "SETTLEMENT_BUDGET": "1d"]
            try await RefundSystem.with(settings: settings) { system in
                let victims = Self.victims(using: &random)
                let moments = (0..<Self.kills).map { kill in
                    let share = (Self.requests - Self.fewestOpen) / Self.kills
                    return kill * share + Int.random(in: 0..<share, using: &random)
                }
                // A third of the usage documents comes with the requests, or after them.
                let late = Set(
                    scenarios.indices.filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
                let early = scenarios.indices.filter { !late.contains($0) }
                try await system.publish(scenarios.map { .order($0.order) })
                try await system.publish(
                    early.flatMap { scenarios[$0].usage }.map { .usage($0) })
                try await system.waitUntilHandled(["refund.facts.orders"])

                async let published: Void = {
                    try await system.publish(scenarios.map { .request($0.request) })
                    try await system.publish(
                        late.sorted().flatMap { scenarios[$0].usage }.map { .usage($0) })
                }()
                async let killed: Void = {
                    for (victim, moment) in zip(victims, moments) {
                        _ = await eventually(within: 240) { system.messages.finals >= moment }
                        // Not only just after an outcome came.
                        try await Task.sleep(for: .milliseconds(Int.random(in: 0...40)))
                        print("kill -9 \(victim) after \(system.messages.finals) final outcomes")
                        try await system.kill(victim)
                        try await system.start([victim])
                    }
                }()
                try await system.awaitEndings(of: scenarios, within: 600)
                try await published
                try await killed
                try await Books(system, of: scenarios).check()
                try await checkNothingIsLeft(system)
                #expect(system.changed(of: scenarios) == [])
            }
        }

        /// Every service at least once, the orchestrator more often.
        private static func victims(using random: inout SeededGenerator) -> [ServiceName] {
            let more = [ServiceName](
                repeating: .orchestrator, count: kills - ServiceName.allCases.count)
            return (ServiceName.allCases + more).shuffled(using: &random)
        }

        private func checkNothingIsLeft(_ system: RefundSystem) async throws {
            let work = [
                "requests", "results", "settlements", "payments", "reviews", "facts.orders",
            ]
            let products = Product.allCases.flatMap { product in
                ["facts", "checks", "outcomes"].map { "\($0).\(product)" }
            }
            try await system.waitUntilHandled((work + products).map { "refund.\($0)" })
            let deadLetters = try await system.client.topology().checkQueue("refund.dead-letters")
            #expect(deadLetters.messages == 0)
        }
    }
}

/// SplitMix64, so that a printed seed repeats a run's choices: REFUND_TEST_SEED sets it.
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init() {
        let given = ProcessInfo.processInfo.environment["REFUND_TEST_SEED"].flatMap(UInt64.init)
        seed = given ?? .random(in: 0..<1_000_000)
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
