import AMQP
import Database
import DatabaseSupport
import DeadLettersSupport
import RefundMessages
import Testing

@testable import DeadLetters

/// Wherever the store is cut off, before a statement or between two transactions: all of what it was
/// to do is there or nothing.
@Suite("A crash between any two of the store's statements", .everyEngine, .timeLimit(.minutes(10)))
struct InterruptionTests {
    /// All of them, those of later migrations too.
    private static let tables = Schema.migrations.flatMap(\.statements)
        .compactMap { $0.prefixMatch(of: /CREATE TABLE (\w+)/).map { String($0.1) } }

    @Test("changes nothing, and the same again does what it was to do")
    func everywhere() async throws {
        #expect(Self.tables.count >= 14 && Self.tables.contains("job_groups"))
        let rig = try await StoreRig(wrap: { InterruptedDatabase($0) })
        let database = try #require(rig.database as? InterruptedDatabase)
        let batch = (0..<3).map {
            arrival(
                DeadLetterSamples.fromService(
                    DeadLetterSamples.request("r-\($0)"), id: "m-\($0)"))
        }
        try await survive(database) { try await rig.arrive(batch) }
        #expect(try await rig.all().count == 3)

        let replay = try await job(
            #"{"key":"r","action":"replay","select":{"ids":["1","2"]}}"#, rig, database)
        try await survive(database, times: 2) { _ = try await rig.steps.claim(replay, limit: 1) }
        // Nobody was told of the claim after whose commit it crashed: two are claimed.
        #expect(try await rig.all().map(\.state) == [.replaying, .replaying, .open])
        try await survive(database) {
            try await rig.steps.note(replay, taken: [1], refused: [(2, "full")])
        }
        #expect(try await rig.all().map(\.state) == [.replayed, .open, .open])
        let name = ReplayID(job: replay.id, record: 1, secret: replay.secret)
        try await survive(database) { try await rig.arrive([word(name)]) }
        try await survive(database) { try await rig.steps.finish(replay.id) }
        #expect(try await rig.load(replay.id).state == .finished)

        let discard = try await job(
            #"{"key":"d","action":"discard","note":"n","select":{"ids":["3"]}}"#, rig, database)
        try await survive(database) { try await rig.steps.apply(discard) }
        #expect(try await rig.all().map(\.state) == [.resolved, .open, .discarded])
        #expect(try await rig.countsAreRight())

        rig.advance(10)
        let retention = Retention(
            database: database, keep: [.discarded: .seconds(5)], clock: rig.clock)
        try await survive(database) { try await retention.sweep() }
        #expect(try await rig.all().map(\.state) == [.resolved, .open])
        #expect(try await rig.countsAreRight())
    }

    /// Made, prepared and started, each in a transaction of its own.
    private func job(
        _ text: String, _ rig: StoreRig, _ database: InterruptedDatabase
    ) async throws -> Job {
        try await survive(database, times: 3) { _ = try await rig.job(text) }
        return try await rig.job(text)
    }

    /// - Parameter times: that it changes something, if done again and again.
    private func survive(
        _ database: InterruptedDatabase, times: Int = 1, _ body: () async throws -> Void
    ) async throws {
        let course = try await database.interrupt(Self.tables, body)
        #expect(course.states.count <= 1 + times, "neither all nor nothing")
    }
}
