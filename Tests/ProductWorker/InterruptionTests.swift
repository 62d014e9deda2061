import DatabaseSupport
import RefundMessages
import Testing

@testable import ProductWorker
@testable import WorkerRuntime

/// Wherever the handling of a message is cut off, before a statement or between two transactions: all
/// of it is there or nothing, and the message, which comes again, does what it was to do.
@Suite("A crash between any two of a worker's statements", .everyEngine, .timeLimit(.minutes(10)))
struct InterruptionTests {
    private static let tables = ["facts", "orders", "finished"]

    private typealias Step = @Sendable (Bench) async throws -> [RefundResult]

    private struct Turn {
        let name: String
        /// Seconds that pass before.
        var after: Int64 = 0
        /// As far as the first of two transactions, where something has to happen between them.
        var halfway: Step?
        let step: Step
    }

    /// One of everything that writes.
    private static let course = [
        Turn(name: "a check that waits") { try await $0.check(.of("1", "2")).results },
        Turn(name: "a document") { try await $0.usage(("1", 1, 0), ("2", 1, 4)).results },
        Turn(name: "one that changes the result") {
            try await $0.usage(("2", 2, 5), ("1", 2, 0)).results
        },
        Turn(name: "several orders") {
            try await $0.check(.of("1"), .of("9", id: "r-9", order: "o-9")).results
        },
        Turn(name: "an outcome") {
            try await $0.outcome(.of(.partiallyRefunded, [("1", .eligible), ("2", .denied)]))
            return []
        },
        // What is due is published before it is noted that it was.
        Turn(name: "what is due", after: 61, halfway: { try await $0.sweep(confirms: false) }) {
            try await $0.sweep()
        },
        Turn(name: "a check after its outcome") { try await $0.check(.of("1")).results },
    ]

    @Test("leaves all or nothing, and the message again does the same")
    func everywhere() async throws {
        let bench = try await Bench(wrap: { InterruptedDatabase($0) })
        let database = try #require(bench.database as? InterruptedDatabase)
        let undisturbed = try await Bench()
        let state = { try await undisturbed.database.contents(of: Self.tables) }
        var cuts = 0
        for turn in Self.course {
            for bench in [bench, undisturbed] { bench.clock.advance(bySeconds: turn.after) }
            var states = [try await state()]
            if let halfway = turn.halfway {
                _ = try await halfway(undisturbed)
                states.append(try await state())
            }
            let expected = try await turn.step(undisturbed)
            states.append(try await state())
            let again = try await turn.step(undisturbed)
            #expect(again.allSatisfy { expected.contains($0) }, "\(turn.name) is idempotent")

            var last: [RefundResult] = []
            let course = try await database.interrupt(Self.tables) {
                last = try await turn.step(bench)
            }
            #expect(course.states.allSatisfy(states.contains), "\(turn.name), partly")
            #expect(course.states.last == states.last, "\(turn.name), at the end")
            #expect(last == again, "\(turn.name), as it came again")
            cuts += course.cuts
        }
        #expect(cuts > 30)
    }
}
