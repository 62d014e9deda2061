import AMQP
import ArgumentParser
import RefundMessages

/// `dead-letters count`: of the broker's queue.
struct DeadLettersCount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count",
        abstract: "Count what waits in the queue refund.dead-letters.",
        discussion: """
            While the dead-letter service runs that is nothing, or what has not been stored yet. It \
            is asked of the broker itself, so that it works without the service.
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        let count = try await BrokerSession.run(options) { broker in
            try await broker.topology().checkQueue(DeadLettersCommand.queue).messages
        }
        if console.json {
            var json = JSONWriter()
            json.object { $0.field("count", count) }
            return console.json(json.bytes)
        }
        console.line("\(count) dead letters")
    }
}
