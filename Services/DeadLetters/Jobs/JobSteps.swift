import AMQP
import Database
import RefundMessages
import RefundService

/// The steps of a running job. Each is one transaction, and leaves what a killed service finds again.
///
/// A replay is sent in three: its dead letters are moved to `replaying` and committed; their messages
/// are published and confirmed; then they are `replayed`. What is found `sending` by a service that
/// was killed in between may or may not be at the broker. Where it is, word of it mostly comes within
/// seconds, and it is not sent again. Where none comes, it is sent again under the same message id and
/// the same replay's name, so that whatever comes of two copies comes to the one dead letter.
struct JobSteps: Sendable {
    /// Dead letters discarded or restored in one transaction.
    static let step: Int64 = 500
    /// How long word is waited for of what is in doubt, before it is sent again.
    static let doubtMilliseconds: Int64 = 5_000

    let database: any Database
    let clock: @Sendable () -> Instant

    /// A message that is to be sent for an item.
    struct Sending: Sendable {
        var record: Record
        var message: OutgoingMessage
    }

    /// What was sent a while ago and is still in doubt: to be sent again.
    func underWay(_ job: Job, limit: Int64) async throws -> [Sending] {
        let now = clock()
        return try await database.change { connection in
            let changes = JobItemChanges(connection: connection, now: now)
            let items = try changes.doubtful(
                of: job.id, before: now.milliseconds - Self.doubtMilliseconds, limit: limit)
            let records = try Record.load(items, in: connection)
            let ended = records.filter { $0.state != .replaying || $0.job != job.id }
            try changes.move(
                ended.map { ($0.id, nil) }, of: job.id, from: .sending, to: .done)
            let due = records.filter { $0.state == .replaying && $0.job == job.id }
            return try sendings(Array(due.heldTogether), job, in: connection)
        }
    }

    /// Claims the next waiting items for sending.
    func claim(_ job: Job, limit: Int64) async throws -> [Sending] {
        let now = clock()
        return try await database.change { connection in
            let changes = JobItemChanges(connection: connection, now: now)
            let items = try changes.items(of: job.id, .waiting, limit: limit)
            let found = try Record.load(items.map(\.record), in: connection)
            let records = Array(found.heldTogether)
            let gone = Set(items.map(\.record)).subtracting(found.map(\.id))
            try changes.move(
                gone.sorted().map { ($0, "It is no longer kept.") }, of: job.id, from: .waiting,
                to: .skipped)
            try changes.move(
                records.compactMap { record in
                    job.objection(to: record).map { (record.id, $0) }
                }, of: job.id, from: .waiting, to: .skipped)
            let open = records.filter { job.objection(to: $0) == nil }
            try changes.move(open.map { ($0.id, nil) }, of: job.id, from: .waiting, to: .sending)
            try RecordChanges(connection: connection, now: now)
                .move(open, to: .replaying, job: job.id)
            return try sendings(open, job, in: connection)
        }
    }

    private func sendings(
        _ records: [Record], _ job: Job, in connection: any SQLConnection
    ) throws -> [Sending] {
        let contents = try Content.load(records.map(\.id), in: connection)
        let edit = try JobStore(connection: connection, now: clock()).edit(of: job.id)
        return records.compactMap { record in
            contents[record.id].map { content in
                let replay = ReplayID(job: job.id, record: record.id, secret: job.secret)
                return Sending(
                    record: record,
                    message: ReplayMessage.make(
                        record, content, to: Destination(of: record, queue: job.queue),
                        replay: replay, edit: edit))
            }
        }
    }

    /// Notes what the broker said: taken, or never to be taken for a reason. What it said nothing
    /// definite of is not among them, and stays under way.
    func note(
        _ job: Job, taken: [Int64], refused: [(record: Int64, problem: String)]
    ) async throws {
        let now = clock()
        try await database.change { connection in
            let changes = JobItemChanges(connection: connection, now: now)
            let records = RecordChanges(connection: connection, now: now)
            let stillSending = { (ids: [Int64]) in
                try Record.load(ids, in: connection)
                    .filter { $0.state == .replaying && $0.job == job.id }
            }
            try records.move(try stillSending(taken), to: .replayed)
            try records.move(try stillSending(refused.map(\.record)), to: .open)
            try changes.move(
                taken.map { ($0, nil) }, of: job.id, from: .sending, to: .done)
            try changes.move(
                refused.map { ($0.record, $0.problem) }, of: job.id, from: .sending, to: .failed)
        }
    }

    /// Discards or restores the next part.
    func apply(_ job: Job) async throws {
        let now = clock()
        try await database.change { connection in
            let changes = JobItemChanges(connection: connection, now: now)
            let items = try changes.items(of: job.id, .waiting, limit: Self.step)
            let records = try Record.load(items.map(\.record), in: connection)
            let fit = records.filter { job.objection(to: $0) == nil }
            try RecordChanges(connection: connection, now: now)
                .move(fit, to: job.action == .discard ? .discarded : .open)
            try changes.move(fit.map { ($0.id, nil) }, of: job.id, from: .waiting, to: .done)
            let done = Set(fit.map(\.id))
            let objections = Dictionary(
                uniqueKeysWithValues: records.map { ($0.id, job.objection(to: $0)) })
            try changes.move(
                items.map(\.record).filter { !done.contains($0) }.map { id in
                    (id, (objections[id] ?? nil) ?? "It is no longer kept.")
                }, of: job.id, from: .waiting, to: .skipped)
        }
    }

    /// Leaves the next part of a cancelled job.
    func leave(_ job: Job) async throws {
        let now = clock()
        try await database.change { connection in
            let changes = JobItemChanges(connection: connection, now: now)
            let items = try changes.items(of: job.id, .waiting, limit: Self.step)
            try changes.move(
                items.map { ($0.record, "The job was cancelled.") }, of: job.id, from: .waiting,
                to: .skipped)
        }
    }

    /// Ends a job that has nothing left to do.
    func finish(_ id: Int64) async throws {
        let now = clock()
        try await database.change { connection in
            guard let job = try Job.load(id, in: connection), job.state == .running,
                job.counts.isOver
            else { return }
            try connection.execute(
                "UPDATE jobs SET state = 'finished', finished_at = $2 WHERE id = $1",
                [.integer(id), .instant(now)])
            try JobStore(connection: connection, now: now).note(.finish, job, by: Audit.service)
        }
    }

    /// The jobs that have something to do, the oldest first.
    func active() async throws -> [Job] {
        try await database.read { connection in
            try connection.query(
                """
                SELECT \(Job.columns) FROM jobs WHERE state IN ('preparing', 'running')
                UNION ALL
                SELECT \(Job.columns) FROM jobs
                WHERE state = 'cancelled' AND (waiting > 0 OR sending > 0)
                ORDER BY 1 LIMIT 100
                """, []
            ).map { try Job($0) }
        }
    }
}
