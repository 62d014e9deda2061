import AMQP
import ArgumentParser
import RefundMessages

/// `dead-letters count`. Looking at dead letters needs a store beside the queue: reading the queue
/// itself would take them out of it, or count a delivery.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Say how many messages could not be processed.",
        subcommands: [Count.self], defaultSubcommand: Count.self)

    static let queue = "refund.dead-letters"

    struct Count: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count the messages in refund.dead-letters.",
            discussion: """
                Showing, editing and replaying them needs the dead-letter service, which keeps them \
                in a store: looking into the queue itself would change it.
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
}
