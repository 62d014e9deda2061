import Database
import RefundMessages
import RefundService
import WorkerRuntime

/// Makes, starts and cancels jobs.
struct JobStore {
    let connection: any SQLConnection
    let now: Instant

    /// The job of that request, and whether it is new: the same key again is the same job.
    ///
    /// - Parameter body: the request as it came; another one under the same key is refused.
    func make(
        _ request: JobRequest, body: [UInt8], by principal: Principal, secret: String
    ) throws -> (job: Job, isNew: Bool) {
        if let row = try connection.query(
            "SELECT \(Job.columns) FROM jobs WHERE key = $1", [.text(request.key)]
        ).first {
            let job = try Job(row)
            guard job.request == body else { throw JobRefusal.keyTaken }
            return (job, false)
        }
        let id = try connection.take(of: "jobs")
        try insert(request, body: body, id: id, by: principal, secret: secret)
        if case .ids(let ids) = request.selection {
            let known = Set(try Record.load(ids, in: connection).map(\.id))
            if let unknown = ids.first(where: { !known.contains($0) }) {
                throw JobRefusal.noDeadLetter(unknown)
            }
        }
        try keepEdit(request, id: id)
        try Audit.add(
            .prepare, by: principal, job: id, note: request.note, at: now, in: connection
        ) { json in
            json.field("action", request.action.rawValue)
            json.field("queue", request.queue)
            json.field("ratePerSecond", request.rate)
            json.field("isEdit", request.editedBody != nil)
            json.name("select")
            request.selection.write(to: &json)
        }
        guard let job = try Job.load(id, in: connection) else { throw JobRefusal.noJob }
        return (job, true)
    }

    private func insert(
        _ request: JobRequest, body: [UInt8], id: Int64, by principal: Principal, secret: String
    ) throws {
        let last = try connection.query(
            "SELECT value FROM counters WHERE name = 'dead_letters'", [])
        let marks = (1...17).map { "$\($0)" }.joined(separator: ", ")
        try connection.execute(
            """
            INSERT INTO jobs (id, key, request, action, state, principal, is_proven, note, queue,
                rate, secret, starts_itself, position, last_id, created_at, started_at,
                finished_at, total, waiting, sending, done, skipped, failed, fits, fails, depends,
                unchecked)
            VALUES (\(marks), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
            """,
            [
                .integer(id), .text(request.key), .blob(body), .text(request.action.rawValue),
                .text(Job.State.preparing.rawValue), .text(principal.name),
                .flag(principal.isProven), .text(request.note), .text(request.queue),
                .integer(request.rate), .text(secret), .flag(request.starts), .integer(0),
                .integer(try last.first?.integer(0)), .instant(now), .null, .null,
            ])
    }

    /// The body is judged before anything is kept of it.
    private func keepEdit(_ request: JobRequest, id: Int64) throws {
        guard let body = request.editedBody, case .ids(let ids) = request.selection,
            let record = try Record.load(ids, in: connection).first,
            let content = try Content.load(ids, in: connection)[record.id]
        else { return }
        let forecast = Forecast(
            record, content, to: Destination(of: record, queue: request.queue), body: body,
            at: now)
        if forecast.code == .fails {
            let reason = forecast.reason.flatMap(DeadLetterReason.init) ?? .invalidMessage
            throw JobRefusal.fault(
                MessageFault(reason, path: forecast.path, forecast.detail ?? ""))
        }
        try connection.execute(
            "INSERT INTO edits (job_id, message_id, body) VALUES ($1, $2, $3)",
            [.integer(id), .text("edit-\(id)-\(SystemSecret.hex(bytes: 8))"), .blob(body)])
    }

    func edit(of job: Int64) throws -> ReplayMessage.Edit? {
        try connection.query(
            "SELECT message_id, body FROM edits WHERE job_id = $1", [.integer(job)]
        ).first.map { ReplayMessage.Edit(messageID: try $0.text(0), body: try $0.blob(1)) }
    }

    /// Starts a prepared job. One that is started already stays as it is.
    func start(_ id: Int64, by principal: Principal) throws -> Job {
        guard let job = try Job.load(id, in: connection) else { throw JobRefusal.noJob }
        switch job.state {
        case .running, .finished: return job
        case .preparing: throw JobRefusal.notPrepared
        case .cancelled: throw JobRefusal.isOver
        case .prepared: break
        }
        try connection.execute(
            "UPDATE jobs SET state = 'running', started_at = $2 WHERE id = $1",
            [.integer(id), .instant(now)])
        try note(.start, job, by: principal)
        return try Job.load(id, in: connection) ?? job
    }

    /// Stops a job. What is under way is brought to its end, what is not begun is left.
    func cancel(_ id: Int64, by principal: Principal) throws -> Job {
        guard let job = try Job.load(id, in: connection) else { throw JobRefusal.noJob }
        if job.state == .cancelled { return job }
        guard job.state != .finished else { throw JobRefusal.isOver }
        try connection.execute(
            "UPDATE jobs SET state = 'cancelled', finished_at = $2 WHERE id = $1",
            [.integer(id), .instant(now)])
        try note(.cancel, job, by: principal)
        return try Job.load(id, in: connection) ?? job
    }

    func note(_ action: AuditEntry.Action, _ job: Job, by principal: Principal) throws {
        try Audit.add(
            action, by: principal, job: job.id, at: now, in: connection
        ) { json in
            json.field("action", job.action.rawValue)
            json.field("total", job.counts.total)
            for (name, count) in zip(Job.Counts.names, job.counts.values) where count > 0 {
                json.name(of: name)
                count.write(to: &json)
            }
        }
    }
}

/// Random names that nobody guesses.
enum SystemSecret {
    /// Two hex digits for each byte.
    static func hex(bytes: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<bytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }.hex
    }
}
