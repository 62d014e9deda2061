import DatabaseSupport
import Testing

@testable import DeadLetters

@Suite("A store of an earlier version", .everyEngine, .timeLimit(.minutes(10)))
struct UpgradeTests {
    @Test(
        "is brought up to this one with all that is in it",
        arguments: 1..<Schema.migrations.count)
    func keepsWhatIsThere(version: Int) async throws {
        let upgrade = try await Upgrade.make(
            Schema.migrations, from: version, in: try await StoreScratch())
        #expect(upgrade.before.count >= 7 && upgrade.before.values.allSatisfy { !$0.isEmpty })
        #expect(upgrade.after == upgrade.before)
    }
}
