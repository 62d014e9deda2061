import RefundMessages

/// Replays what was prepared, and says what became of each.
struct Replay {
    let run: JobRun
    let options: ReplayOptions

    private var console: Console { run.console }

    /// Shows what would happen, asks, sends, follows.
    func finish(_ job: Job, isAlwaysAsked: Bool = false) async throws {
        let overview = try await run.overview(job)
        guard job.applicable > 0 else {
            try await run.cancel(job)
            throw JobText.nothing(overview, of: job)
        }
        if !console.json { JobText.dryRun(overview, of: job, on: console) }
        if run.options.dryRun {
            if console.json { try await tellJSON(job) }
            return try await run.cancel(job)
        }
        let question = "Replay \(JobText.number(job.applicable)), \(options.rate) a second at most?"
        guard try await run.isWanted(job, question, isAlwaysAsked: isAlwaysAsked) else { return }
        let ended = try await follow(try await run.work(job))
        if console.json {
            try await tellJSON(ended)
        } else {
            tell(ended)
        }
        if ended.failed > 0 { throw JobText.failure(try await run.overview(ended), of: ended) }
        if ended.failedAgain > 0 { throw try await failedAgain(ended) }
    }

    /// Until each one's end is known, or the time is up.
    private func follow(_ ended: Job) async throws -> Job {
        var job = ended
        let limit = ContinuousClock.now + .seconds(options.wait)
        defer { run.progress.end() }
        while job.unknown > 0, ContinuousClock.now < limit {
            let known = job.done - job.unknown
            run.progress.show(
                "\(known) of \(job.done) known", fraction: Double(known) / Double(max(1, job.done)))
            try await Task.sleep(for: JobRun.interval)
            job = try await run.load(job.id)
        }
        return job
    }

    private func tell(_ job: Job) {
        let parts = [
            (job.processed, "processed", Style.good), (job.failedAgain, "failed again", .bad),
            (job.failed, "could not be sent", .bad), (job.skipped, "left as they were", .faint),
            (job.unknown, "not heard of yet", .attention),
        ].filter { $0.0 > 0 }.map { console.paint("\($0) \($1)", $2) }
        console.line(
            "\(JobText.number(job.done, "message")) sent: " + parts.joined(separator: ", "))
        if job.unknown > 0 {
            console.line("What becomes of those: refundctl dead-letters list --state replayed")
        }
    }

    /// Which they are now, and why.
    private func failedAgain(_ job: Job) async throws -> CommandFailure {
        var told: [String] = []
        for one in try await run.overview(job).failedAgain {
            guard let answer = try await run.api.get(["dead-letters", one.next]) else { continue }
            let now = try DeadLetterRow(json: answer.root)
            let place = now.path.map { " at \($0)" } ?? ""
            told.append("\(one.id) is now \(one.next): \((now.reason + place).clipped(to: 100))")
        }
        return CommandFailure(
            .refused, "\(job.failedAgain) failed again; \(told.joined(separator: "; "))")
    }

    private func tellJSON(_ job: Job) async throws {
        guard let answer = try await run.api.get(["jobs", job.id]) else { return }
        var json = JSONWriter()
        json.object { json in
            json.name("job")
            json.embed(answer.printable)
            json.field("processed", job.processed)
            json.field("failedAgain", job.failedAgain)
            json.field("unknown", job.unknown)
        }
        console.json(json.bytes)
    }
}
