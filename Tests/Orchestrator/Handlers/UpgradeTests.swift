import AMQP
import Database
import DatabaseSupport
import RefundMessages
import Testing
import WorkerRuntime

@testable import Orchestrator

@Suite("Cases of an earlier version", .everyEngine, .timeLimit(.minutes(10)))
struct UpgradeTests {
    @Test(
        "are brought up to this one with all that is in the database",
        arguments: 1..<Schema.migrations.count)
    func keepsWhatIsThere(version: Int) async throws {
        let upgrade = try await Upgrade.make(
            Schema.migrations, from: version, in: try await StoreScratch())
        #expect(upgrade.before.count >= 6 && upgrade.before.values.allSatisfy { !$0.isEmpty })
        #expect(upgrade.after == upgrade.before)
    }

    @Test("that the first version left in exception are looked at again, and its ledger is closed")
    func exceptionsAreListed() async throws {
        let scratch = try await StoreScratch()
        defer { withExtendedLifetime(scratch) {} }
        let upgrade = try await Upgrade.make(
            Schema.migrations, from: 1, in: scratch
        ) { connection in
            for (id, phase) in [("stuck", "settling"), ("done", "finished")] {
                try connection.execute(
                    "INSERT INTO cases VALUES ($1, 'o', $2, 1, 1, 1, NULL, $3)",
                    [.text(id), .text(phase), .blob([1])])
            }
        }
        let due = try await upgrade.database.read {
            try $0.query("SELECT case_id, due_at FROM cases ORDER BY case_id", [])
        }
        #expect(
            due == [SQLRow([.text("done"), .null]), SQLRow([.text("stuck"), .integer(0)])])
        await #expect(throws: DatabaseError.self) {
            try await upgrade.database.write { try $0.execute("DELETE FROM ledger", []) }
        }
    }

    /// A case that the first version stored, as its row.
    private static func insert(
        _ document: String, _ caseID: String, order: String, phase: String, revision: Int64,
        into rig: OrchestratorRig
    ) async throws {
        let state = Array(document.filter { !$0.isNewline }.utf8)
        try await rig.database.write { connection in
            _ = try connection.execute(
                "INSERT INTO cases VALUES ($1, $2, $3, $4, $4, 0, NULL, $5)",
                [.text(caseID), .text(order), .text(phase), .integer(revision), .blob(state)])
        }
    }

    @Test func `the outcome of an earlier version goes out again to the byte`() async throws {
        let rig = try await OrchestratorRig()
        let document = EarlierCases.documents[0]
        try await Self.insert(
            document, "r-0", order: "o-0", phase: "finished", revision: 1, into: rig)
        let stored = try JSONDocument(Array(document.filter { !$0.isNewline }.utf8)).root
        let request = try RefundRequest(json: stored["request"])
        rig.clock.advance(seconds: request.requestedAt.seconds - rig.clock.now.seconds)
        let again = try await rig.deliver("refund.requests", "request", request.encode())
        #expect(again.disposition == .done)
        #expect(again.messages.map(\.properties.messageID) == ["r-0:1"])
        #expect(
            again.messages.map(\.body) == [try RefundOutcome(json: stored["outcome"]).encode()])
    }

    @Test func `a case that an earlier version opened is paid by this one, and adds up`()
        async throws
    {
        let rig = try await OrchestratorRig()
        try await rig.deliver("refund.facts", "order", CaseSamples.order().encode())
        try await Self.insert(
            EarlierCases.checking, "r-1", order: "o-1", phase: "checking", revision: 0, into: rig)
        try await rig.database.write { connection in
            _ = try connection.execute("INSERT INTO claims VALUES ('o-1', 'g', 'r-1', 'open')", [])
        }
        let settling = try await rig.deliver(
            "refund.results", "gateway",
            CaseSamples.result(.gateway, CaseSamples.gatewayEligible).encode())
        let outcomes = try await rig.carry(settling.messages)
        #expect(outcomes.map(\.status) == [.refunded])
        #expect(outcomes.first?.deadline == Instant(rfc3339: "2026-09-28T00:00:00Z"))
        let verifier = LedgerVerifier(database: rig.database)
        for phase in LedgerVerifier.Phase.allCases {
            let page = try await verifier.page(LedgerVerifier.Place(phase: phase))
            #expect(page.discrepancy == nil, "\(phase)")
        }
    }
}
