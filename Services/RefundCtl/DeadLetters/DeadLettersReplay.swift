import ArgumentParser
import RefundMessages

/// `dead-letters replay`.
struct DeadLettersReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send dead letters again, as they are, to where they failed.",
        discussion: """
            First it says what would be sent where and what would come of it by today's code. The \
            set is fixed then: what arrives later is not in it. It follows the messages until the \
            end of each is known. Exit status 1 where one failed again.
            """)

    @OptionGroup var selection: DeadLetterSelection
    @OptionGroup var replay: ReplayOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var options: DeadLettersOptions

    func run() async throws {
        let now = Instant.now()
        let run = JobRun(try options.api(), options.console, change)
        let job = try await run.prepare { json in
            json.field("action", "replay")
            json.name("select")
            selection.write(to: &json, at: now)
            json.fieldIfPresent("queue", replay.to)
            json.field("ratePerSecond", replay.rate)
        }
        try await Replay(run: run, options: replay).finish(job)
    }
}
