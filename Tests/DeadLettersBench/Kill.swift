import AMQP
import ArgumentParser
import DeadLettersSupport
import Foundation
import RefundMessages
import TestSupport

/// Kills the service again and again while it drains and replays, and counts what became of each
/// message.
struct Kill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Kill the service at random while it drains and replays; count what became of all.")

    @Option(help: "Messages.") var count = 10_000
    @Option(help: "How often the service is killed.") var kills = 50

    func run() async throws {
        let result = try await KillRun(count: count, kills: kills).run()
        print(
            """
            \(count) messages, \(result.kills) kills: \(result.stored) dead letters stored, \
            \(result.resolved) of them resolved, \(result.distinct) different messages came to the \
            queue, \(result.copies - result.distinct) of them twice
            """)
        guard result.isRight(count) else { throw SupportFailure("that is not what must be") }
    }
}
