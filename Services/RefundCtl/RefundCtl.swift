import ArgumentParser
import Foundation

/// `refundctl`: the operator's command.
///
/// Exit status 0: done. 1: refused or failed, with the reason on standard error. 2: wrong usage.
@main
struct RefundCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refundctl",
        abstract: "Publish, ask for refunds, look at them, and decide reviews.",
        discussion: """
            Addresses and secrets come from flags or the environment: AMQP_URL, REFUND_API_URL,
            REFUND_API_TOKEN_FILE. Colours are shown on a terminal only, and not with NO_COLOR.
            Exit status: 0 done, 1 refused or failed, 2 wrong usage.
            """,
        version: "1.0.0",
        subcommands: [
            PublishCommand.self, RequestCommand.self, StatusCommand.self, ExplainCommand.self,
            BalanceCommand.self, ReviewsCommand.self, DeadLettersCommand.self,
            ExceptionsCommand.self, QueuesCommand.self, TopologyCommand.self, LedgerCommand.self,
            DemoCommand.self,
        ])

    static func main() async {
        Foundation.exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Parses and runs, and says what went wrong; returns the exit status.
    static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try parseAsRoot(arguments)
            do {
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
                return ExitStatus.done
            } catch  where exitCode(for: error) != .success {
                CommandFailure(of: error).print()
                return ExitStatus.failed
            }
        } catch {
            let isHelp = exitCode(for: error) == .success
            let text = fullMessage(for: error) + "\n"
            (isHelp ? FileHandle.standardOutput : .standardError).write(Data(text.utf8))
            return isHelp ? ExitStatus.done : ExitStatus.wrongUsage
        }
    }
}

/// The exit statuses of the contract.
enum ExitStatus {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    static let wrongUsage: Int32 = 2
}
