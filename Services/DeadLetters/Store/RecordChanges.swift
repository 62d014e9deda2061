import Database
import RefundMessages
import RefundService

/// Changes of dead letters' states, counted.
struct RecordChanges {
    let connection: any SQLConnection
    let now: Instant

    /// Moves the dead letters to the state, which they are not in yet.
    ///
    /// - Parameter job: the job that replays them, where one begins to.
    func move(_ records: [Record], to state: RecordState, job: Int64? = nil) throws {
        try connection.executeEach(
            """
            UPDATE dead_letters SET state = $2, changed_at = $3, job_id = COALESCE($4, job_id)
            WHERE id = $1
            """,
            records.map {
                [.integer($0.id), .text(state.rawValue), .instant(now), .integer(job)]
            })
        try Counts.note(records.map { $0.change(to: state) }, in: connection)
    }

    /// A replayed message was processed: its dead letter is resolved, and so is the open one that a
    /// second copy of the same replay may have become.
    ///
    /// Words of replays that are not known, or are over, change nothing.
    func processed(_ replays: [ReplayID]) throws {
        let named = try known(replays).filter { [.replaying, .replayed].contains($0.state) }
        let twins = try Record.load(named.compactMap(\.failedAgainAs), in: connection)
            .filter { $0.state == .open }
        try move(named + twins, to: .resolved)
        try finish(items: named)
        try note(named, "processed", 1)
        try note(named.filter { $0.failedAgainAs != nil }, "failed_again", -1)
    }

    /// What became of replayed messages, counted for their jobs.
    private func note(_ records: [Record], _ column: String, _ step: Int64) throws {
        let jobs = Dictionary(grouping: records.compactMap(\.job)) { $0 }
        try connection.executeEach(
            "UPDATE jobs SET \(column) = \(column) + $2 WHERE id = $1",
            jobs.sorted { $0.key < $1.key }
                .map { [.integer($0.key), .integer(step * Int64($0.value.count))] })
    }

    /// Replayed messages became dead letters again.
    func failedAgain(_ records: [Record]) throws {
        // That it failed again proves that it was sent.
        try move(records.filter { $0.state == .replaying }, to: .replayed)
        try finish(items: records)
        try note(records.filter { $0.state != .resolved }, "failed_again", 1)
    }

    /// The dead letters that those replays, by their secrets, really are of.
    func known(_ replays: [ReplayID]) throws -> [Record] {
        let unique = Array(Set(replays)).sorted { $0.record < $1.record }
        let secrets = try connection.queryEach(
            "SELECT secret FROM jobs WHERE id = $1", unique.map { [.integer($0.job)] })
        let believed = try zip(unique, secrets).filter { replay, rows in
            try rows.first?.text(0) == replay.secret
        }.map(\.0)
        let jobs = Dictionary(
            believed.map { ($0.record, $0.job) }, uniquingKeysWith: { max($0, $1) })
        return try Record.load(jobs.keys.sorted(), in: connection)
            .filter { $0.job == jobs[$0.id] }
    }

    /// What was heard of a message proves that it was sent.
    func finish(items records: [Record]) throws {
        for record in records {
            guard let job = record.job else { continue }
            let changed = try connection.execute(
                """
                UPDATE job_items SET state = 'done', changed_at = $3
                WHERE job_id = $1 AND record_id = $2 AND state = 'sending'
                """, [.integer(job), .integer(record.id), .instant(now)])
            guard changed == 1 else { continue }
            try connection.execute(
                "UPDATE jobs SET sending = sending - 1, done = done + 1 WHERE id = $1",
                [.integer(job)])
        }
    }
}
