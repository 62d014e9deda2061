import ArgumentParser
import RefundMessages

/// Why something is discarded or restored.
struct NoteOption: ParsableArguments {
    @Option(help: "Why, 1 to 500 characters.")
    var note: String

    func validate() throws {
        guard (1...500).contains(note.unicodeScalars.count) else {
            throw ValidationError("--note takes 1 to 500 characters.")
        }
    }
}

/// `dead-letters discard`.
struct DeadLettersDiscard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Say that open dead letters are of no use any more. They can be restored.")

    @OptionGroup var selection: DeadLetterSelection
    @OptionGroup var note: NoteOption
    @OptionGroup var change: ChangeOptions
    @OptionGroup var options: DeadLettersOptions

    func run() async throws {
        try await JobRun(try options.api(), options.console, change)
            .settle("discard", selection, note.note)
    }
}

/// `dead-letters restore`.
struct DeadLettersRestore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Open again what was discarded, or replayed and never heard of.")

    @OptionGroup var selection: DeadLetterSelection
    @OptionGroup var note: NoteOption
    @OptionGroup var change: ChangeOptions
    @OptionGroup var options: DeadLettersOptions

    func run() async throws {
        try await JobRun(try options.api(), options.console, change)
            .settle("restore", selection, note.note)
    }
}

extension JobRun {
    /// Discards or restores: what changes the store alone.
    fileprivate func settle(
        _ action: String, _ selection: DeadLetterSelection, _ note: String
    ) async throws {
        let now = Instant.now()
        let job = try await prepare { json in
            json.field("action", action)
            json.name("select")
            selection.write(to: &json, at: now)
            json.field("note", note)
        }
        let overview = try await overview(job)
        guard job.applicable > 0 else {
            try await cancel(job)
            throw JobText.nothing(overview, of: job)
        }
        if !console.json { JobText.skipped(overview, of: job, on: console) }
        let what = "\(action) \(JobText.number(job.applicable))"
        if options.dryRun {
            try await cancel(job)
            return try await tell("It would \(what)", job)
        }
        guard try await isWanted(job, "\(what.prefix(1).uppercased())\(what.dropFirst())?") else {
            return
        }
        let ended = try await work(job)
        try await tell(
            "\(JobText.number(ended.done)) \(action)\(action == "discard" ? "ed" : "d")", ended)
    }

    private func tell(_ sentence: String, _ job: Job) async throws {
        guard console.json, let answer = try await api.get(["jobs", job.id]) else {
            return console.line(sentence)
        }
        console.json(answer.printable)
    }
}
