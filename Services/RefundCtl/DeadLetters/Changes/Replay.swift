import RefundMessages

/// Replays what was prepared, and says what became of each.
struct Replay {
    /// Between two looks at what became of them; larger sets cost more to look at.
    private static let intervals: ClosedRange<Duration> = .milliseconds(200) ... .seconds(5)
    /// Of those that failed again, as many are told one by one.
    private static let mostTold = 20

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
            if console.json { try await tellJSON(job, ReplayEnds()) }
            return try await run.cancel(job)
        }
        let question = "Replay \(JobText.number(job.applicable)), \(options.rate) a second at most?"
        guard try await run.isWanted(job, question, isAlwaysAsked: isAlwaysAsked) else { return }
        let ended = try await run.work(job)
        let ends = try await follow(ended)
        if console.json {
            try await tellJSON(ended, ends)
        } else {
            tell(ended, ends)
        }
        if ended.failed > 0 { throw JobText.failure(try await run.overview(ended), of: ended) }
        if ends.failedAgain > 0 { throw try await failedAgain(ended, ends) }
    }

    /// Until each one's end is known, or the time is up.
    private func follow(_ job: Job) async throws -> ReplayEnds {
        var ends = ReplayEnds(try await run.overview(job), job)
        let limit = ContinuousClock.now + .seconds(options.wait)
        var interval = Self.intervals.lowerBound
        defer { run.progress.end() }
        while ends.unknown > 0, ContinuousClock.now < limit {
            let known = job.done - ends.unknown
            run.progress.show(
                "\(known) of \(job.done) known", fraction: Double(known) / Double(max(1, job.done)))
            try await Task.sleep(for: interval)
            interval = min(interval * 2, Self.intervals.upperBound)
            ends = ReplayEnds(try await run.overview(job), job)
        }
        return ends
    }

    private func tell(_ job: Job, _ ends: ReplayEnds) {
        let parts = [
            (ends.processed, "processed", Style.good), (ends.failedAgain, "failed again", .bad),
            (job.failed, "could not be sent", .bad), (job.skipped, "left as they were", .faint),
            (ends.unknown, "not heard of yet", .attention),
        ].filter { $0.0 > 0 }.map { console.paint("\($0) \($1)", $2) }
        console.line(
            "\(JobText.number(job.done, "message")) sent: " + parts.joined(separator: ", "))
        if ends.unknown > 0 {
            console.line("What becomes of those: refundctl dead-letters list --state replayed")
        }
    }

    /// Which they are now, and why.
    private func failedAgain(_ job: Job, _ ends: ReplayEnds) async throws -> CommandFailure {
        var told: [String] = []
        for group in try await run.overview(job).groups where group.failedAgain {
            guard told.count < Self.mostTold else { break }
            let row = try DeadLetterRow(json: await run.api.deadLetter(group.exampleID).root)
            guard let next = row.failedAgainAs,
                let answer = try await run.api.get(["dead-letters", next])
            else { continue }
            let now = try DeadLetterRow(json: answer.root)
            let place = now.path.map { " at \($0)" } ?? ""
            told.append("\(row.id) is now \(next): \((now.reason + place).clipped(to: 100))")
        }
        return CommandFailure(
            .refused, "\(ends.failedAgain) failed again; \(told.joined(separator: "; "))")
    }

    private func tellJSON(_ job: Job, _ ends: ReplayEnds) async throws {
        guard let answer = try await run.api.get(["jobs", job.id]) else { return }
        var json = JSONWriter()
        json.object { json in
            json.name("job")
            json.embed(answer.printable)
            json.field("processed", ends.processed)
            json.field("failedAgain", ends.failedAgain)
            json.field("unknown", ends.unknown)
        }
        console.json(json.bytes)
    }
}
