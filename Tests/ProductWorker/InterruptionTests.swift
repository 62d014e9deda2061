import DatabaseSupport
import RefundMessages
import Testing

@testable import ProductWorker
@testable import WorkerRuntime

/// Whatever transaction of a worker is cut off, and before whichever of its statements: all of it is
/// there or nothing, and the message, which comes again, does what it was to do.
@Suite("A crash between any two of a worker's statements", .everyEngine, .timeLimit(.minutes(10)))
struct InterruptionTests {
    private static let tables = ["facts", "orders", "finished"]

    private typealias Step = @Sendable (Bench) async throws -> [RefundResult]

    /// One of everything that writes.
    private static let course: [(name: String, step: Step)] = [
        ("a check that waits", { try await $0.check(.of("1", "2")).results }),
        ("a document", { try await $0.usage(("1", 1, 0), ("2", 1, 4)).results }),
        ("one that changes the result", { try await $0.usage(("2", 2, 5), ("1", 2, 0)).results }),
        (
            "several orders",
            { try await $0.check(.of("1"), .of("9", id: "r-9", order: "o-9")).results }
        ),
        (
            "an outcome",
            {
                try await $0.outcome(
                    .of(.partiallyRefunded, [("1", .eligible), ("2", .denied)]))
                return []
            }
        ),
        ("what is due", { try await $0.sweep() }),
        ("a check after its outcome", { try await $0.check(.of("1")).results }),
    ]

    @Test("changes nothing, and the message again does the same")
    func everywhere() async throws {
        let bench = try await Bench(wrap: { InterruptedDatabase($0) })
        let database = try #require(bench.database as? InterruptedDatabase)
        let undisturbed = try await Bench()
        var cuts = 0
        for (name, step) in Self.course {
            if name == "what is due" {
                bench.clock.advance(bySeconds: 61)
                undisturbed.clock.advance(bySeconds: 61)
            }
            let before = try await database.contents(of: Self.tables)
            var statement = 1
            while statement < 100 {
                database.next = .before(statement: statement)
                do {
                    _ = try await step(bench)
                    break
                } catch is Interrupted {
                    let after = try await database.contents(of: Self.tables)
                    // A sweep is several transactions: those before the one cut off stay.
                    if name != "what is due" { #expect(after == before, "\(name) at \(statement)") }
                    statement += 1
                    cuts += 1
                }
            }
            database.next = .afterCommit
            do { _ = try await step(bench) } catch is Interrupted { cuts += 1 }
            database.next = nil
            _ = try await step(bench)
            let expected = try await step(undisturbed)
            let again = try await step(undisturbed)
            #expect(again.allSatisfy { expected.contains($0) }, "\(name) is idempotent")
            let kept = try await database.contents(of: Self.tables)
            #expect(kept == (try await undisturbed.database.contents(of: Self.tables)), "\(name)")
        }
        #expect(cuts > 30)
    }
}
