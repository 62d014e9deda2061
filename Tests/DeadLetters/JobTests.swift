import AMQP
import Database
import DatabaseSupport
import DeadLettersSupport
import RefundMessages
import RefundService
import TestSupport
import Testing

@testable import DeadLetters

/// Jobs, step by step, with a crash wherever one can be.
@Suite(.everyEngine, .timeLimit(.minutes(10))) struct JobTests {
    private static let replayAll = #"{"key":"k","action":"replay","select":{"filter":{}}}"#

    private func filled(_ count: Int = 3) async throws -> StoreRig {
        let rig = try await StoreRig()
        try await rig.arrive(
            (0..<count).map {
                arrival(
                    DeadLetterSamples.fromService(
                        DeadLetterSamples.request("r-\($0)"), id: "m-\($0)"))
            })
        return rig
    }

    private func replay(_ job: Job, _ record: Int64) -> ReplayID {
        ReplayID(job: job.id, record: record, secret: job.secret)
    }

    @Test("A job's set is frozen: what arrives later is not in it")
    func frozen() async throws {
        let rig = try await filled()
        let job = try await rig.job(Self.replayAll, starts: false)
        #expect(job.state == .prepared && job.counts.waiting == 3)
        try await rig.arrive([arrival(DeadLetterSamples.fromService("{}", id: "late"))])
        #expect(try await rig.steps.claim(job, limit: 100).map(\.record.id) == [1, 2, 3])
        #expect(try await rig.record(4)?.state == .open)
    }

    @Test("Preparing sends and changes nothing, and says what would happen")
    func dryRun() async throws {
        let rig = try await filled()
        try await rig.arrive([arrival(DeadLetterSamples.fromService("{}", id: "bad"))])
        let job = try await rig.job(Self.replayAll, starts: false)
        #expect(job.forecasts[.fits] == 3 && job.forecasts[.fails] == 1)
        #expect(try await rig.all().allSatisfy { $0.state == .open })
        let failing = try await rig.database.read {
            try ItemQuery(job: job.id, forecast: .fails).page(after: 0, limit: 10, in: $0).elements
        }
        #expect(failing.map(\.record) == [4])
        #expect(failing.first?.path == "/requestId")
    }

    @Test("The same key is the same job, and another request under it is refused")
    func idempotent() async throws {
        let rig = try await filled()
        let first = try await rig.job(Self.replayAll)
        #expect(try await rig.job(Self.replayAll).id == first.id)
        await #expect(throws: JobRefusal.self) {
            try await rig.job(#"{"key":"k","action":"replay","select":{"ids":["1"]}}"#)
        }
    }

    @Test(
        "Killed after the claim or after the broker took it, the same messages are sent again, named alike"
    )
    func crashWhileSending() async throws {
        let rig = try await filled()
        let job = try await rig.job(Self.replayAll)
        let first = try await rig.steps.claim(job, limit: 2)
        #expect(try await rig.record(1)?.state == .replaying)
        // A new process waits for word of them, and then sends them again.
        #expect(try await rig.steps.underWay(job, limit: 100).isEmpty)
        rig.advance(5)
        let again = try await rig.steps.underWay(job, limit: 100)
        #expect(again.map(\.message) == first.map(\.message))
        try await rig.steps.note(job, taken: [1, 2], refused: [])
        #expect(try await rig.steps.underWay(job, limit: 100).isEmpty)
        #expect(try await rig.steps.claim(job, limit: 100).map(\.record.id) == [3])
        try await rig.steps.note(job, taken: [3], refused: [])
        try await rig.steps.finish(job.id)
        let ended = try await rig.load(job.id)
        #expect(ended.state == .finished && ended.counts.done == 3)
        #expect(try await rig.countsAreRight())
    }

    @Test("Word of a message proves that it was sent: it is not sent again after a crash")
    func wordBeforeTheNote() async throws {
        let rig = try await filled()
        let job = try await rig.job(Self.replayAll)
        _ = try await rig.steps.claim(job, limit: 3)
        // Before the crash the broker took all; one was processed, one failed again.
        try await rig.arrive([word(replay(job, 1))])
        var failed = DeadLetterSamples.fromService(DeadLetterSamples.request("r-1"), id: "m-1")
        failed.properties.headers?["refund-replay"] = .string(Array(replay(job, 2).text.utf8))
        try await rig.arrive([arrival(failed)])
        rig.advance(5)
        #expect(try await rig.steps.underWay(job, limit: 100).map(\.record.id) == [3])
        try await rig.steps.note(job, taken: [1, 2, 3], refused: [])
        #expect(try await rig.all().map(\.state) == [.resolved, .replayed, .replayed, .open])
        #expect(try await rig.record(2)?.failedAgainAs == 4)
        #expect(try await rig.record(4)?.replayOf == 2)
        #expect(try await rig.load(job.id).counts.done == 3)
        #expect(try await rig.countsAreRight())

        // The second copies of the same replays come to the same dead letters.
        failed.properties.headers?["refund-last-failed-at"] = .string(Array("later".utf8))
        try await rig.arrive([arrival(failed), word(replay(job, 1)), word(replay(job, 2))])
        #expect(try await rig.all().map(\.state) == [.resolved, .resolved, .replayed, .resolved])
        #expect(try await rig.countsAreRight())
    }

    @Test("Nobody speaks for a dead letter whose replay's secret he does not know")
    func forgedWord() async throws {
        let rig = try await filled()
        let job = try await rig.job(Self.replayAll)
        _ = try await rig.steps.claim(job, limit: 3)
        let forged = ReplayID(job: job.id, record: 1, secret: String(repeating: "0", count: 32))
        var failed = DeadLetterSamples.fromService("{}", id: "x")
        failed.properties.headers?["refund-replay"] = .string(Array(forged.text.utf8))
        try await rig.arrive([word(forged), arrival(failed)])
        #expect(try await rig.record(1)?.state == .replaying)
        #expect(try await rig.record(4)?.replayOf == nil)
        // Nor is a word believed that comes from an exchange that anyone may publish to.
        var unroutable = word(replay(job, 1))
        unroutable.exchange = "refund.requests"
        try await rig.arrive([unroutable])
        #expect(try await rig.record(1)?.state == .replayed)
        #expect(try await rig.record(5)?.replayOf == 1)
    }

    @Test("Two jobs never send one dead letter twice")
    func twoJobs() async throws {
        let rig = try await filled()
        let first = try await rig.job(Self.replayAll)
        let second = try await rig.job(
            #"{"key":"k2","action":"replay","select":{"ids":["1","2","3"]}}"#)
        #expect(try await rig.steps.claim(first, limit: 2).count == 2)
        #expect(try await rig.steps.claim(second, limit: 9).map(\.record.id) == [3])
        #expect(try await rig.load(second.id).counts.skipped == 2)
        #expect(try await rig.steps.claim(first, limit: 9).isEmpty)
        #expect(try await rig.countsAreRight())
    }

    @Test("What the broker cannot take is open again, and the item says why")
    func refused() async throws {
        let rig = try await filled(1)
        let job = try await rig.job(
            #"{"key":"k","action":"replay","queue":"nowhere","select":{"ids":["1"]}}"#)
        #expect(job.forecasts[.unchecked] == 1)
        let sending = try #require(try await rig.steps.claim(job, limit: 1).first)
        #expect(sending.message.exchange == "" && sending.message.routingKey == "nowhere")
        try await rig.steps.note(job, taken: [], refused: [(1, "No queue takes it.")])
        #expect(try await rig.record(1)?.state == .open)
        #expect(try await rig.load(job.id).counts.failed == 1)
    }

    @Test("A cancelled job leaves what it has not begun as it was")
    func cancelled() async throws {
        let rig = try await filled()
        let job = try await rig.job(Self.replayAll)
        _ = try await rig.steps.claim(job, limit: 1)
        let now = rig.clock()
        let stopped = try await rig.database.change {
            try JobStore(connection: $0, now: now).cancel(job.id, by: StoreRig.operatorKim)
        }
        try await rig.steps.leave(stopped)
        // What is at the broker, or may be, is brought to its end.
        rig.advance(5)
        #expect(try await rig.steps.underWay(stopped, limit: 9).map(\.record.id) == [1])
        try await rig.steps.note(stopped, taken: [1], refused: [])
        #expect(try await rig.all().map(\.state) == [.replayed, .open, .open])
        #expect(try await rig.load(job.id).counts.skipped == 2)
        #expect(try await rig.steps.active().isEmpty)
    }

    @Test("Discarded and restored, with a note each; the audit keeps who and why for good")
    func discardAndRestore() async throws {
        let rig = try await filled()
        await #expect(throws: MessageFault.self) {
            try await rig.job(#"{"key":"n","action":"discard","select":{"ids":["1"]}}"#)
        }
        let discard = try await rig.job(
            #"{"key":"d","action":"discard","note":"spam","select":{"ids":["1","2"]}}"#)
        try await rig.steps.apply(discard)
        #expect(try await rig.all().map(\.state) == [.discarded, .discarded, .open])
        let restore = try await rig.job(
            #"{"key":"r","action":"restore","note":"was none","select":{"ids":["2","3"]}}"#)
        try await rig.steps.apply(restore)
        #expect(try await rig.all().map(\.state) == [.discarded, .open, .open])
        #expect(try await rig.load(restore.id).counts.skipped == 1)
        #expect(try await rig.countsAreRight())
        let audit = try await rig.database.read {
            try Audit.page(after: 0, limit: 100, in: $0)
        }
        #expect(audit.map(\.by) == ["kim", "kim", "kim", "kim"])
        #expect(audit.map(\.note) == ["spam", nil, "was none", nil])
        for change in ["UPDATE audit SET note = 'x'", "DELETE FROM audit"] {
            await #expect(throws: DatabaseError.self) {
                try await rig.database.change { try $0.execute(change, []) }
            }
        }
    }

    @Test("What is over goes by the policy; what is open stays, however old")
    func retention() async throws {
        let rig = try await filled()
        let discard = try await rig.job(
            #"{"key":"d","action":"discard","note":"n","select":{"ids":["1"]}}"#)
        try await rig.steps.apply(discard)
        let retention = Retention(
            database: rig.database, keep: [.discarded: .seconds(100), .resolved: .seconds(100)],
            clock: rig.clock)
        rig.advance(99)
        try await retention.sweep()
        #expect(try await rig.all().count == 3)
        rig.advance(2)
        try await retention.sweep()
        #expect(try await rig.all().map(\.id) == [2, 3])
        #expect(try await rig.countsAreRight())
        let audit = try await rig.database.read {
            try Audit.page(before: nil, job: nil, limit: 1, in: $0).elements
        }
        #expect(audit.first?.action == .evict)
        // What comes of it later is told to nobody, and breaks nothing.
        try await rig.arrive([word(replay(discard, 1))])
    }

    @Test(
        "A misspelt condition is refused: it would mean everything",
        arguments: [
            #"{"key":"k","action":"replay","select":{"filter":{"quue":"x"}}}"#,
            #"{"key":"k","action":"replay","select":{"filter":{}},"rate":1}"#,
            #"{"key":"k","action":"replay","select":{"ids":["1"],"filter":{}}}"#,
            #"{"key":"k","action":"replay","select":{}}"#,
            #"{"key":"k","action":"discard","select":{"ids":["1"]}}"#,
            #"{"key":"k","action":"replay","select":{"ids":["01"]}}"#,
            #"{"key":"k","action":"replay","select":{"filter":{}},"edit":{"bodyBase64":""}}"#,
            #"{"key":"k","action":"replay","select":{"ids":["1"]},"ratePerSecond":0}"#,
        ])
    func refusedRequests(text: String) {
        #expect(throws: MessageFault.self) { try JobRequest(Array(text.utf8)) }
    }
}
