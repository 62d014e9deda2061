import AMQP
import RefundMessages
import TestSupport
import Testing

/// What a system of many instances is put through.
struct InstancesRun {
    private let system: RefundSystem
    private let instances: Int
    private let clock = ContinuousClock()

    init(_ system: RefundSystem, instances: Int) {
        self.system = system
        self.instances = instances
    }

    private func begin(_ scenarios: [Scenario]) async throws {
        try await system.publish(Scenario.facts(of: scenarios))
        try await system.waitUntilHandled(["refund.facts.orders"])
        // Each request twice: the second is a repetition wherever it is handled.
        try await system.publish(scenarios.map { .request($0.request) })
        try await system.publish(scenarios.map { .request($0.request) })
    }

    /// Nobody comes or goes: whatever is done twice would show at the provider.
    func undisturbed(_ scenarios: [Scenario]) async throws {
        try await begin(scenarios)
        try await system.awaitEndings(of: scenarios, within: 600)
        let calls = try await system.query(
            "sandbox",
            "SELECT payment_reference, calls FROM refunds WHERE payment_reference LIKE 'card_ok%'")
        #expect(!calls.isEmpty)
        // A machine that stands still for longer than a lease has a leg called again, by its key.
        let repeated = calls.filter { $0[1] != "1" }
        #expect(repeated.count <= calls.count / 4, "called more than once: \(repeated.prefix(5))")
    }

    /// One more of some services, then an orderly end of one, then kill -9, all under load.
    func comingAndGoing(_ scenarios: [Scenario]) async throws {
        let before = system.messages.finals
        async let published: Void = begin(scenarios)
        func reach(_ share: Double) async {
            let goal = before + Int(Double(scenarios.count) * share)
            _ = await eventually(within: 120) { system.messages.finals >= goal }
        }
        await reach(0.1)
        try await system.start([.orchestrator, .monitoring])
        await reach(0.3)
        for service in [ServiceName.orchestrator, .monitoring, .deadLetters] {
            guard instances > 1 || service != .deadLetters else { continue }
            let process = try #require(system.forget(service))
            #expect(
                try await process.terminate(within: 120) == 0, "\(process.output.suffix(2_000))")
        }
        await reach(0.5)
        for service in [ServiceName.orchestrator, .monitoring] {
            try await system.kill(service)
            if system.processes(service).isEmpty { try system.launch(service) }
        }
        let killed = clock.now
        let finals = system.messages.finals - before
        try await system.awaitEndings(of: scenarios, within: 600)
        try await published
        print(
            "\(instances) of each: the rest of \(scenarios.count) requests, \(finals) of them done, "
                + "ended \(clock.now - killed) after kill -9")
    }

    /// What cannot be read becomes a dead letter, once, whoever takes it.
    func deadLetters(_ count: Int) async throws {
        try await system.publish(
            (0..<count).map { number in
                .json(
                    "refund.requests", "request", type: RefundRequest.messageType,
                    Array("{\(number)".utf8), id: "broken-\(number)")
            })
        let stored = try await eventually(within: 120) {
            try await system.query(
                "dead-letters", "SELECT count(*) FROM dead_letters WHERE state = 'open'")
                == [["\(count)"]]
        }
        #expect(stored)
        let tallies = try await system.query("dead-letters", "SELECT sum(count) FROM tallies")
        #expect(tallies == [["\(count)"]])
        let announced = try await system.query("dead-letters", "SELECT count(*) FROM kinds")
        #expect(announced == [["1"]])
    }

    /// One truth for each revision, and the same as one instance comes to.
    func checkOutcomes(of scenarios: [Scenario], beside alone: [String: RefundOutcome]) {
        #expect(system.changed(of: scenarios) == [])
        for scenario in scenarios {
            let revisions = system.messages.outcomes(of: scenario.id).map(\.revision)
            #expect(Set(revisions).count == revisions.count, "two outcomes of one revision")
            guard let other = alone[scenario.id] else { continue }
            let latest = system.messages.latest(of: scenario.id)
            #expect(latest?.withoutTimes == other.withoutTimes)
        }
    }

    /// No transaction was the victim of another, and nobody was told of one.
    func checkLogs() async throws {
        let url = try #require(system.databases["orchestrator"])
        let deadlocks = try await RefundSystem.query(
            url, "SELECT sum(deadlocks) FROM pg_stat_database")
        #expect(deadlocks == [["0"]])
        for service in ServiceName.allCases + [.deadLetters] {
            for process in system.processes(service) {
                #expect(!process.output.contains("deadlock"), "\(process.output.suffix(2_000))")
            }
        }
    }
}

extension RefundOutcome {
    /// What does not depend on when it was decided, by whom it was taken, and how often it was revised.
    fileprivate var withoutTimes: RefundOutcome {
        var outcome = self
        outcome.revision = 1
        outcome.decidedAt = nil
        outcome.settledAt = nil
        for index in (outcome.refund?.legs ?? []).indices {
            outcome.refund?.legs[index].reference = nil
        }
        return outcome
    }
}
