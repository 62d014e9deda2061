import Database
import RefundMessages
import RefundService

/// Gathers a job's set and judges its messages, a bounded part at a time. What is gathered is kept,
/// so that a job goes on where it was when the service was killed.
struct JobPreparation: Sendable {
    /// Dead letters looked at together.
    static let step: Int64 = 500

    let database: any Database
    let clock: @Sendable () -> Instant

    /// One part, looked at and not yet kept.
    private struct Part: Sendable {
        var items: [JobItem]
        var groups: [JobGroup]
        var position: Int64
        var isLast: Bool

        init(of records: [Record], _ job: Job, _ items: [JobItem], position: Int64, isLast: Bool) {
            self.items = items
            groups = zip(records, items).map { record, item in
                JobGroup(item, to: Destination(of: record, queue: job.queue))
            }
            self.position = position
            self.isLast = isLast
        }
    }

    /// Takes the next part; whether there is another.
    func advance(_ id: Int64) async throws -> Bool {
        let found = try await database.read { connection -> (Job, Part)? in
            guard let job = try Job.load(id, in: connection), job.state == .preparing else {
                return nil
            }
            return (job, try gather(job, in: connection))
        }
        guard let (job, part) = found else { return false }
        let now = clock()
        try await database.change { connection in
            try keep(part, of: job, at: now, in: connection)
        }
        return !part.isLast
    }

    private func gather(_ job: Job, in connection: any SQLConnection) throws -> Part {
        let request = try JobRequest(job.request)
        switch request.selection {
        case .ids(let ids):
            let rest = ids.filter { $0 > job.position }.prefix(Int(Self.step))
            let records = Array(try Record.load(Array(rest), in: connection).heldTogether)
            let last = records.last?.id ?? job.lastID
            return try Part(
                of: records, job, items(of: records, job, request, in: connection),
                position: last, isLast: last == ids.last || records.isEmpty)
        case .filter(var filter):
            if filter.state == nil, job.action != .restore { filter.state = .open }
            let page = try filter.page(
                .oldest, after: job.position, limit: Self.step, in: connection)
            let frozen = page.elements.filter { $0.id <= job.lastID }
            let applicable = frozen.filter { job.objection(to: $0) == nil }
            let held = Array(applicable.heldTogether)
            let isWhole = held.count == applicable.count
            let position = isWhole ? page.next ?? job.lastID : held.last?.id ?? job.lastID
            return try Part(
                of: held, job, items(of: held, job, request, in: connection),
                position: position,
                isLast: isWhole
                    && (page.next == nil || frozen.count < page.elements.count
                        || position >= job.lastID)
            )
        }
    }

    private func items(
        of records: [Record], _ job: Job, _ request: JobRequest, in connection: any SQLConnection
    ) throws -> [JobItem] {
        let needsContents = job.action == .replay
        let contents = needsContents ? try Content.load(records.map(\.id), in: connection) : [:]
        return records.map { record in
            if let objection = job.objection(to: record) {
                return JobItem(record: record.id, state: .skipped, problem: objection)
            }
            let forecast = contents[record.id].map {
                Forecast(
                    record, $0, to: Destination(of: record, queue: job.queue),
                    body: request.editedBody, at: clock())
            }
            return JobItem(record: record.id, forecast: forecast)
        }
    }

    private func keep(
        _ part: Part, of job: Job, at now: Instant, in connection: any SQLConnection
    ) throws {
        // Somebody else took this part, or cancelled the job.
        guard
            try connection.execute(
                """
                UPDATE jobs SET position = $3
                WHERE id = $1 AND position = $2 AND state = 'preparing'
                """, [.integer(job.id), .integer(job.position), .integer(part.position)]) == 1
        else { return }
        try connection.executeEach(
            """
            INSERT INTO job_items (job_id, \(JobItem.columns), changed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            part.items.map { item in
                [
                    .integer(job.id), .integer(item.record), .text(item.state.rawValue),
                    .text(item.forecast?.rawValue), .plain(item.reason), .plain(item.path),
                    .plain(item.detail), .plain(item.problem), .instant(now),
                ]
            })
        try JobGroup.add(part.groups, to: job.id, in: connection)
        try count(part.items, of: job, in: connection)
        guard part.isLast else { return }
        let state: Job.State = job.startsItself ? .running : .prepared
        try connection.execute(
            "UPDATE jobs SET state = $2, started_at = $3 WHERE id = $1",
            [
                .integer(job.id), .text(state.rawValue),
                job.startsItself ? .instant(now) : .null,
            ])
        if job.startsItself, let job = try Job.load(job.id, in: connection) {
            try JobStore(connection: connection, now: now).note(.start, job, by: job.by)
        }
    }

    private func count(
        _ items: [JobItem], of job: Job, in connection: any SQLConnection
    ) throws {
        let number = { (code: Forecast.Code) in
            SQLValue.integer(Int64(items.count { $0.forecast == code }))
        }
        let skipped = Int64(items.count { $0.state == .skipped })
        try connection.execute(
            """
            UPDATE jobs SET waiting = waiting + $2, skipped = skipped + $3, fits = fits + $4,
                fails = fails + $5, depends = depends + $6, unchecked = unchecked + $7
            WHERE id = $1
            """,
            [
                .integer(job.id), .integer(Int64(items.count) - skipped), .integer(skipped),
                number(.fits), number(.fails), number(.depends), number(.unchecked),
            ])
    }
}
