import RefundMessages

/// Runs a change: prepares it, says what would happen, asks, starts it, and follows it to its end.
struct JobRun {
    /// Between two questions how far it is.
    static let interval: Duration = .milliseconds(200)
    /// For the preparing of a set, which is looked at as a whole: 30 min.
    static let mostPreparing: Duration = .seconds(1_800)

    let api: DeadLetterAPI
    let console: Console
    let options: ChangeOptions
    let progress: Progress

    init(_ api: DeadLetterAPI, _ console: Console, _ options: ChangeOptions) {
        self.api = api
        self.console = console
        self.options = options
        progress = Progress(console)
    }

    /// Prepares the job that this describes: nothing is sent or changed yet.
    func prepare(_ write: (inout JSONWriter) -> Void) async throws -> Job {
        var json = JSONWriter()
        json.object { json in
            json.field("key", options.key)
            write(&json)
        }
        var job = try Job(json: try await api.post(["jobs"], json.bytes).root)
        defer { progress.end() }
        let limit = ContinuousClock.now + Self.mostPreparing
        while job.state == "preparing" {
            guard ContinuousClock.now < limit else {
                throw CommandFailure(.timedOut, "job \(job.id) is still being prepared")
            }
            let count = job.total
            progress.show("\(count) looked at")
            try await Task.sleep(for: Self.interval)
            job = try await load(job.id)
        }
        return job
    }

    func load(_ id: String) async throws -> Job {
        guard let answer = try await api.get(["jobs", id]) else {
            throw CommandFailure(.refused, "there is no job \(id)")
        }
        return try Job(json: answer.root)
    }

    func overview(_ job: Job) async throws -> JobOverview {
        guard let answer = try await api.get(["jobs", job.id, "overview"]) else {
            throw CommandFailure(.refused, "there is no job \(job.id)")
        }
        return try JobOverview(json: answer.root)
    }

    /// Leaves everything as it was. A job that was started before, under the same key, goes on.
    func cancel(_ job: Job) async throws {
        guard job.state == "prepared" else { return }
        _ = try await api.post(["jobs", job.id, "cancel"])
    }

    /// Starts it and waits for its end. Where the command is interrupted the job goes on.
    func work(_ job: Job) async throws -> Job {
        guard !job.isOver else { return job }
        var job = try Job(json: try await api.post(["jobs", job.id, "start"]).root)
        defer { progress.end() }
        while !job.isOver {
            let (text, fraction) = ("job \(job.id): \(job.done) of \(job.total)", job.fraction)
            progress.show(text, fraction: fraction)
            try await Task.sleep(for: Self.interval)
            job = try await load(job.id)
        }
        return job
    }

    /// Asks where it concerns more than one; a no leaves everything as it was.
    ///
    /// - Parameter isAlwaysAsked: also where it concerns one.
    func isWanted(_ job: Job, _ question: String, isAlwaysAsked: Bool = false) async throws -> Bool
    {
        do {
            let isBulk = job.applicable > 1 || isAlwaysAsked
            if try !isBulk || Question.agrees(question, isAgreed: options.yes) { return true }
        } catch {
            try await cancel(job)
            throw error
        }
        try await cancel(job)
        console.line("Nothing was done")
        return false
    }
}
