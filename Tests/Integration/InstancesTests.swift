import AMQP
import Foundation
import RefundMessages
import TestSupport
import Testing

extension IntegrationTests {
    /// Many instances of each service share one PostgreSQL and one RabbitMQ, and come and go.
    @Suite struct InstancesTests {
        /// `make scale-test`: 1, 2 and 4 of each, with many requests, and one of each on SQLite beside
        /// them. Otherwise two of each, and few.
        private static let isFull = ProcessInfo.processInfo.environment["REFUND_SCALE"] == "full"
        private static let instances = isFull ? [1, 2, 4] : [2]
        /// Undisturbed, and then while instances come and go.
        private static let requests =
            isFull ? (calm: 1_000, stormy: 1_000) : (calm: 40, stormy: 120)
        /// Messages that nobody can read.
        private static let broken = 10
        /// Waits that nobody's end outlasts: each ending must be the one of an undisturbed run.
        private static let settings = [
            "FACTS_WAIT": "10m", "ORDER_WAIT": "10m", "SETTLEMENT_BUDGET": "1d",
        ]

        @Test(
            "Many of each service on PostgreSQL come to what one comes to on SQLite",
            .timeLimit(.minutes(Self.isFull ? 40 : 20)))
        func many() async throws {
            var random = SeededGenerator()
            print("instances: REFUND_TEST_SEED=\(random.seed)")
            let calm = ScenarioKind.mix(Self.requests.calm, prefix: "calm", using: &random)
            let stormy = ScenarioKind.mix(Self.requests.stormy, prefix: "stormy", using: &random)
            let alone = Self.isFull ? try await outcomesOfOne(calm + stormy) : [:]
            for count in Self.instances {
                let server = try await PrivatePostgres.start(
                    isDurable: false,
                    configuration: "max_connections = 500\nlog_lock_waits = on")
                let databases = try await Self.databases(server)
                try await RefundSystem.with(
                    ServiceName.allCases + [.deadLetters], instances: count,
                    settings: Self.settings, databases: databases
                ) { system in
                    let run = InstancesRun(system, instances: count)
                    try await run.undisturbed(calm)
                    try await run.comingAndGoing(stormy)
                    try await run.deadLetters(Self.broken)
                    try await Books(system, of: calm + stormy).check()
                    run.checkOutcomes(of: calm + stormy, beside: alone)
                    try await run.checkLogs()
                }
                try await server.stop()
            }
        }

        /// A database for each service, and the sandbox's.
        private static func databases(_ server: PrivatePostgres) async throws -> [String: String] {
            var databases: [String: String] = [:]
            let services = ServiceName.allCases + [.deadLetters]
            for name in services.map(\.rawValue) + ["sandbox"] {
                databases[name] = try await server.makeDatabase()
            }
            return databases
        }

        /// What one instance of each makes of them, on SQLite.
        private func outcomesOfOne(_ scenarios: [Scenario]) async throws -> [String: RefundOutcome]
        {
            var outcomes: [String: RefundOutcome] = [:]
            try await RefundSystem.with(settings: Self.settings) { system in
                let run = InstancesRun(system, instances: 1)
                try await run.undisturbed(scenarios)
                for scenario in scenarios {
                    outcomes[scenario.id] = system.messages.latest(of: scenario.id)
                }
            }
            return outcomes
        }
    }
}
