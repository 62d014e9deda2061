import Database
import DatabaseSupport
import Testing

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
}
