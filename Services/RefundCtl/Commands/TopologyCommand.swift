import AMQP
import ArgumentParser
import RefundMessages

/// `topology apply|check`.
struct TopologyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: "Make the broker's exchanges, queues and bindings as described, or compare them.",
        subcommands: [Apply.self, Check.self])

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Declare every exchange, queue and binding of the definitions file.",
            discussion: """
                What is there already stays as it is; where it is otherwise than described, the \
                command stops and names it. Users and permissions are not AMQP's: give the file to \
                the broker (load_definitions, or rabbitmqctl import_definitions) for those.
                """)

        @OptionGroup var definitions: DefinitionsOption
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            let console = options.console
            let definitions = try definitions.load()
            try await BrokerSession.run(options) { broker in
                let topology = broker.topology()
                for exchange in definitions.exchanges { try await topology.declare(exchange) }
                for queue in definitions.queues { try await topology.declare(queue) }
                for binding in definitions.bindings { try await topology.bind(binding) }
            }
            if console.json {
                var json = JSONWriter()
                json.object { json in
                    json.field("exchanges", definitions.exchanges.count)
                    json.field("queues", definitions.queues.count)
                    json.field("bindings", definitions.bindings.count)
                }
                return console.json(json.bytes)
            }
            console.line(
                "\(definitions.exchanges.count) exchanges, \(definitions.queues.count) queues and "
                    + "\(definitions.bindings.count) bindings are there")
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare the broker with the definitions file; changes nothing.",
            discussion: """
                Compares that exchanges and queues exist with the arguments described. Bindings \
                cannot be seen over AMQP: 'topology apply' makes them.
                """)

        @OptionGroup var definitions: DefinitionsOption
        @OptionGroup var options: GlobalOptions

        func run() async throws {
            let console = options.console
            let definitions = try definitions.load()
            let differences = try await BrokerSession.run(options) { broker in
                let topology = broker.topology()
                var differences: [String] = []
                for exchange in definitions.exchanges {
                    if let difference = try await topology.difference(exchange) {
                        differences.append(difference)
                    }
                }
                for queue in definitions.queues {
                    if let difference = try await topology.difference(queue) {
                        differences.append(difference)
                    }
                }
                return differences
            }
            if console.json {
                var json = JSONWriter()
                json.object { $0.field("differences", differences) }
                console.json(json.bytes)
            } else {
                for difference in differences { console.line(difference.printable) }
            }
            guard differences.isEmpty else {
                throw CommandFailure(.differs, "\(differences.count) differences")
            }
            if !console.json { console.line("The exchanges and queues are as described") }
        }
    }
}
