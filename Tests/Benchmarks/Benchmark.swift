import ArgumentParser

/// What can be measured. Each prints what it found, and fails where a limit is missed.
@main
struct Benchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refund-bench", abstract: "Measure the system and its parts.",
        subcommands: [Refunds.self, CompareAMQP.self, Idle.self, Soak.self, AMQPLeg.self],
        defaultSubcommand: Refunds.self)
}
