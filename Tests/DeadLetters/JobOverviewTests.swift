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

    /// What tells two groups apart, each alone.
    private static let differences: [@Sendable (inout JobGroup) -> Void] = [
        { $0.destination.queue = nil }, { $0.destination.exchange = "other" },
        { $0.destination.routingKey = "other" }, { $0.itemState = .skipped },
        { $0.forecast = .depends }, { $0.reason = "overflow" }, { $0.path = "/other" },
        { $0.path = nil }, { $0.problem = "It is discarded." },
    ]

    @Test("What differs in anything but its sentence is counted apart, the largest first")
    func keys() async throws {
        let rig = try await StoreRig()
        var first = JobGroup(
            JobItem(record: 1), to: Destination(queue: "q", exchange: "", routingKey: "q"))
        (first.forecast, first.reason, first.path) = (.fails, "invalid_message", "/a")
        first.detail = "The first sentence."
        var groups = [first]
        for (number, differ) in zip(Int64(2)..., Self.differences) {
            var other = first
            differ(&other)
            other.example = number
            groups.append(other)
        }
        // In two parts of a set, of which the second has more of the last.
        let all = groups
        try await rig.database.write { connection in
            try JobGroup.add(all, to: 7, in: connection)
            var again = all[0]
            (again.detail, again.example) = ("Another sentence.", 99)
            try JobGroup.add(
                [again] + Array(repeating: all[all.count - 1], count: 2), to: 7, in: connection)
        }
        let (largest, two) = try await rig.database.read { connection in
            (
                try JobGroup.largest(of: 7, limit: 100, in: connection),
                try JobGroup.largest(of: 7, limit: 2, in: connection)
            )
        }
        let last = Int64(groups.count)
        #expect(largest.map(\.example) == [last, 1] + Array(2..<last))
        #expect(largest.map(\.count) == [3, 2] + Array(repeating: 1, count: groups.count - 2))
        #expect(largest[1].detail == "The first sentence.")
        #expect(two.map(\.example) == [last, 1])
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
        for _ in 0..<2 {
            try await rig.arrive([word(replay(1)), word(replay(1))])
            #expect(try await counts() == [3, 1, 0])
        }
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

    /// Fills the tables of version 3: jobs of one and of another queue, and dead letters of a queue
    /// and of none.
    private static func fill(_ connection: any SQLConnection) throws {
        for (id, queue) in [(1, nil), (2, "other"), (3, nil)] as [(Int64, String?)] {
            try connection.execute(
                """
                INSERT INTO jobs (id, key, request, action, state, principal, is_proven, queue, rate,
                    secret, starts_itself, position, last_id, created_at, total, waiting, sending,
                    done, skipped, failed, fits, fails, depends, unchecked)
                VALUES ($1, $2, $3, 'replay', 'finished', 'kim', 1, $4, 100, 's', 0, 3, 3, 0, 0, 0, 0,
                    3, 0, 0, 3, 0, 0, 0)
                """,
                [.integer(id), .text("k-\(id)"), .blob(Array(Self.replayAll.utf8)), .text(queue)])
        }
        let letters: [(state: String, failedAgainAs: Int64?, queue: String?, job: Int64?)] = [
            // Of two copies of it, one failed and one was processed.
            ("resolved", 8, "q", 1), ("replayed", 9, "q", 1), ("replayed", nil, "q", 1),
            ("replayed", nil, nil, 3), ("open", nil, "q", nil),
        ]
        for (id, letter) in zip(Int64(1)..., letters) {
            try connection.execute(
                """
                INSERT INTO dead_letters (id, state, origin, reason, detail, fingerprint, queue,
                    exchange, routing_key, attempts, first_failed_at, last_failed_at, received_at,
                    changed_at, sightings, body_bytes, failed_again_as, job_id)
                VALUES ($1, $2, 'service', 'overflow', '', 'f', $3, 'e', 'r', 1, 0, 0, 0, 0, 1, 2, $4,
                    $5)
                """,
                [
                    .integer(id), .text(letter.state), .text(letter.queue),
                    .integer(letter.failedAgainAs), .integer(letter.job),
                ])
        }
        for (job, letter) in [(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (3, 4)] as [(Int64, Int64)] {
            let isSkipped = letter == 5
            try connection.execute(
                """
                INSERT INTO job_items (job_id, record_id, state, forecast, problem, changed_at)
                VALUES ($1, $2, $3, $4, $5, 0)
                """,
                [
                    .integer(job), .integer(letter), .text(isSkipped ? "skipped" : "done"),
                    .text(isSkipped ? nil : "fits"), .text(isSkipped ? "It is resolved." : nil),
                ])
        }
    }

    @Test("Jobs of the version before are counted when the store is brought up to this one")
    func earlierJobs() async throws {
        let scratch = try await StoreScratch()
        let upgrade = try await Upgrade.make(
            Schema.migrations, from: 3, in: scratch, prepare: Self.fill)
        let found = try await upgrade.database.read { connection in
            try (Int64(1)...3).map { id in
                let job = try #require(try Job.load(id, in: connection))
                return (job, try JobOverview(of: job, in: connection))
            }
        }
        #expect(found.map(\.0.processed) == [1, 0, 0] && found.map(\.0.failedAgain) == [1, 0, 0])
        let groups = found.map(\.1.groups)
        #expect(groups.map { $0.map(\.count) } == [[3], [1, 1], [1]])
        #expect(groups.map { $0.map(\.example) } == [[1], [4, 5], [4]])
        let other = Destination(queue: "other", exchange: "", routingKey: "other")
        #expect(
            groups.map { $0.map(\.destination) } == [
                [Destination(queue: "q", exchange: "", routingKey: "q")], [other, other],
                [Destination(queue: nil, exchange: "e", routingKey: "r")],
            ])
        #expect(groups[1].map(\.itemState) == [.waiting, .skipped])
        #expect(groups[1].map(\.problem) == [nil, "It is resolved."])
        #expect(found[0].1.failedAgain.map(\.next) == [9])
        // Its databases end with it.
        withExtendedLifetime(scratch) {}
    }
}
