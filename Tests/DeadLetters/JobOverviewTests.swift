import AMQP
import Database
import DatabaseSupport
import DeadLettersSupport
import RefundMessages
import Testing

@testable import DeadLetters

/// What is said of a job's set as a whole.
@Suite(.everyEngine, .timeLimit(.minutes(10))) struct JobOverviewTests {
    private static let replayAll = #"{"key":"k","action":"replay","select":{"filter":{}}}"#

    private func overview(_ rig: StoreRig, _ job: Job) async throws -> JobOverview {
        try await rig.database.read { try JobOverview(of: job, in: $0) }
    }

    private func copy(_ message: OutgoingMessage, of replay: ReplayID) -> OutgoingMessage {
        var message = message
        message.properties.headers?["refund-replay"] = .string(Array(replay.text.utf8))
        return message
    }

    @Test("Those that are alike are counted together, over all parts of a set, the most first")
    func groups() async throws {
        let rig = try await StoreRig()
        // More than are looked at together.
        let count = Int(JobPreparation.step) + 20
        let good = (0..<count).map {
            DeadLetterSamples.fromService(DeadLetterSamples.request("r-\($0)"), id: "m-\($0)")
        }
        try await rig.arrive(good.map { arrival($0) })
        try await rig.arrive(
            ["a", "b"].map { arrival(DeadLetterSamples.fromService("{}", id: $0)) })
        let job = try await rig.job(Self.replayAll, starts: false)
        let groups = try await overview(rig, job).groups
        #expect(groups.map(\.count) == [Int64(count), 2])
        #expect(groups.map(\.forecast) == [.fits, .fails])
        #expect(groups.map(\.destination.queue) == ["refund.requests", "refund.requests"])
        #expect(groups.map(\.example) == [1, Int64(count) + 1])
        #expect(groups.last?.path == "/requestId" && groups.last?.detail != nil)

        _ = try await rig.job(#"{"key":"d","action":"discard","note":"n","select":{"ids":["1"]}}"#)
        try await rig.steps.apply(try await rig.load(2))
        let ids = #"{"key":"x","action":"replay","queue":"q","select":{"ids":["1","2"]}}"#
        let chosen = try await overview(rig, try await rig.job(ids)).groups
        #expect(chosen.map(\.itemState) == [.skipped, .waiting])
        #expect(chosen.first?.problem == "It is discarded.")
        #expect(chosen.last?.destination == Destination(queue: "q", exchange: "", routingKey: "q"))
    }

    @Test("What became of each is counted once, whichever word of it comes first")
    func ends() async throws {
        let rig = try await StoreRig()
        let messages = (0..<4).map {
            DeadLetterSamples.fromService(DeadLetterSamples.request("r-\($0)"), id: "m-\($0)")
        }
        try await rig.arrive(messages.map { arrival($0) })
        let job = try await rig.job(Self.replayAll)
        _ = try await rig.steps.claim(job, limit: 100)
        try await rig.steps.note(
            job, taken: [1, 2, 3], refused: [(4, "No queue takes it.")])
        let replay = { (record: Int64) in
            ReplayID(job: job.id, record: record, secret: job.secret)
        }
        func counts() async throws -> [Int64] {
            let job = try await rig.load(job.id)
            return [job.counts.done, job.processed, job.failedAgain]
        }
        try await rig.arrive([word(replay(1)), word(replay(1))])
        #expect(try await counts() == [3, 1, 0])
        let again = arrival(copy(messages[1], of: replay(2)))
        try await rig.arrive([again])
        try await rig.arrive([again])
        #expect(try await counts() == [3, 1, 1])
        var told = try await overview(rig, job)
        #expect(told.failed.map(\.record) == [4] && told.failed.first?.problem != nil)
        #expect(told.failedAgain.map(\.record) == [2] && told.failedAgain.map(\.next) == [5])
        // A second copy of it was processed after all; one of the first's failed.
        try await rig.arrive([word(replay(2))])
        try await rig.arrive([arrival(copy(messages[0], of: replay(1)))])
        #expect(try await counts() == [3, 2, 0])
        told = try await overview(rig, job)
        #expect(told.failedAgain.isEmpty)
    }

    @Test("Jobs of the version before are counted when the store is brought up to this one")
    func earlierJobs() async throws {
        let scratch = try await StoreScratch()
        let upgrade = try await Upgrade.make(Schema.migrations, from: 3, in: scratch) {
            connection in
            try connection.execute(
                """
                INSERT INTO jobs (id, key, request, action, state, principal, is_proven, rate, secret,
                    starts_itself, position, last_id, created_at, total, waiting, sending, done,
                    skipped, failed, fits, fails, depends, unchecked)
                VALUES (1, 'k', $1, 'replay', 'finished', 'kim', 1, 100, 's', 0, 3, 3, 0, 0, 0, 0, 3,
                    0, 0, 3, 0, 0, 0)
                """, [.blob(Array(Self.replayAll.utf8))])
            for (id, state) in zip(Int64(1)..., ["resolved", "replayed", "replayed"]) {
                try connection.execute(
                    """
                    INSERT INTO dead_letters (id, state, origin, reason, detail, fingerprint, queue,
                        exchange, routing_key, attempts, first_failed_at, last_failed_at,
                        received_at, changed_at, sightings, body_bytes, failed_again_as, job_id)
                    VALUES ($1, $2, 'service', 'overflow', '', 'f', 'q', 'e', 'r', 1, 0, 0, 0, 0, 1, 2,
                        $3, 1)
                    """, [.integer(id), .text(state), id == 2 ? .integer(9) : .null])
                try connection.execute(
                    """
                    INSERT INTO job_items (job_id, record_id, state, forecast, changed_at)
                    VALUES (1, $1, 'done', 'fits', 0)
                    """, [.integer(id)])
            }
        }
        let (job, groups) = try await upgrade.database.read { connection in
            let job = try #require(try Job.load(1, in: connection))
            return (job, try JobOverview(of: job, in: connection))
        }
        #expect(job.processed == 1 && job.failedAgain == 1)
        #expect(groups.groups.map(\.count) == [3])
        #expect(groups.groups.first?.destination.queue == "q")
        #expect(groups.failedAgain.map(\.next) == [9])
        // Its databases end with it.
        withExtendedLifetime(scratch) {}
    }
}
