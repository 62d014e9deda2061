import AMQP
import Database
import DatabaseSupport
import DeadLettersSupport
import RefundMessages
import Testing

@testable import DeadLetters

/// Wherever the store is cut off, before a statement or between two transactions: all of what it was
/// to do is there or nothing, and done again it is as if nothing had been cut.
@Suite("A crash between any two of the store's statements", .everyEngine, .timeLimit(.minutes(10)))
struct InterruptionTests {
    /// All of them, those of later migrations too.
    private static let tables = Schema.migrations.flatMap(\.statements)
        .compactMap { $0.prefixMatch(of: /CREATE TABLE (\w+)/).map { String($0.1) } }

    /// Two stores to which the same happens; one of them is cut off everywhere.
    private struct Pair {
        let cut: StoreRig
        let whole: StoreRig
        private let database: InterruptedDatabase

        init() async throws {
            whole = try await StoreRig()
            cut = try await StoreRig(wrap: { InterruptedDatabase($0) })
            database = try #require(cut.database as? InterruptedDatabase)
        }

        /// - Parameters:
        ///   - times: that it changes something, if done again and again.
        ///   - transactions: of one time.
        func survive(
            times: Int = 1, transactions: Int = 1, _ body: (StoreRig) async throws -> Void
        ) async throws {
            for _ in 0..<times { try await body(whole) }
            let course = try await database.interrupt(tables) { try await body(cut) }
            #expect(course.states.count <= 1 + times * transactions, "neither all nor nothing")
            let undisturbed = try await whole.database.contents(of: tables)
            for table in tables {
                #expect(course.states.last?[table] == undisturbed[table], "\(table)")
            }
            #expect(try await cut.countsAreRight())
        }

        /// Made, prepared and started, each in a transaction of its own.
        func job(_ text: String) async throws -> Job {
            try await survive(transactions: 3) { _ = try await $0.job(text) }
            return try await cut.job(text)
        }
    }

    @Test("changes nothing, and the same again does what it was to do")
    func everywhere() async throws {
        #expect(Self.tables.contains("dead_letters") && Self.tables.contains("job_groups"))
        let pair = try await Pair()
        let batch = (0..<3).map {
            arrival(
                DeadLetterSamples.fromService(
                    DeadLetterSamples.request("r-\($0)"), id: "m-\($0)"))
        }
        try await pair.survive { _ = try await $0.arrive(batch) }
        #expect(try await pair.cut.all().count == 3)

        let replay = try await pair.job(
            #"{"key":"r","action":"replay","select":{"ids":["1","2"]}}"#)
        // Nobody was told of the claim after whose commit it crashed: two are claimed.
        try await pair.survive(times: 2) { _ = try await $0.steps.claim(replay, limit: 1) }
        #expect(try await pair.cut.all().map(\.state) == [.replaying, .replaying, .open])
        try await pair.survive {
            try await $0.steps.note(replay, taken: [1], refused: [(2, "full")])
        }
        #expect(try await pair.cut.all().map(\.state) == [.replayed, .open, .open])
        let name = ReplayID(job: replay.id, record: 1, secret: replay.secret)
        try await pair.survive { _ = try await $0.arrive([word(name)]) }
        try await pair.survive { try await $0.steps.finish(replay.id) }
        #expect(try await pair.cut.load(replay.id).state == .finished)

        let discard = try await pair.job(
            #"{"key":"d","action":"discard","note":"n","select":{"ids":["3"]}}"#)
        try await pair.survive { try await $0.steps.apply(discard) }
        #expect(try await pair.cut.all().map(\.state) == [.resolved, .open, .discarded])

        for rig in [pair.cut, pair.whole] { rig.advance(10) }
        try await pair.survive { rig in
            let retention = Retention(
                database: rig.database, keep: [.discarded: .seconds(5)], clock: rig.clock)
            try await retention.sweep()
        }
        #expect(try await pair.cut.all().map(\.state) == [.resolved, .open])
    }
}
