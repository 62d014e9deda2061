import ArgumentParser

/// Measures the dead-letter service against its limits, on a private broker and with the service's
/// own process beside it in the build folder.
@main
struct DeadLettersBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters-bench",
        abstract: "Measure the dead-letter service: drain, pages, groups, memory, replay, crashes.",
        subcommands: [Scale.self, Kill.self])
}
