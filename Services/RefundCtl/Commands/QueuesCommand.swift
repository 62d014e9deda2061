import AMQP
import ArgumentParser
import RefundMessages

/// `queues`.
struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues",
        abstract: "Show how many messages wait in each queue, and who consumes it.",
        discussion: """
            READY counts the messages that no consumer holds. Messages held by consumers, and rates, \
            are known to the broker's management API only and are not shown.
            """)

    @OptionGroup var definitions: DefinitionsOption
    @OptionGroup var options: GlobalOptions

    private struct Row: JSONWritable {
        var queue: String
        /// Nil: the queue is not there.
        var status: QueueStatus?

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("queue", queue)
                json.field("ready", status?.messages)
                json.field("consumers", status?.consumers)
            }
        }
    }

    func run() async throws {
        let console = options.console
        let names = try definitions.load().queues.map(\.name).sorted()
        let rows = try await BrokerSession.run(options) { broker in
            var rows: [Row] = []
            let topology = broker.topology()
            for name in names {
                rows.append(Row(queue: name, status: try await topology.status(of: name)))
            }
            return rows
        }
        if console.json { return console.json(rows.jsonBytes()) }
        var table = Table("QUEUE", ">READY", ">CONSUMERS")
        for row in rows {
            guard let status = row.status else {
                table.add(Table.Cell(row.queue), Table.Cell("missing", .bad), "")
                continue
            }
            table.add(
                Table.Cell(row.queue), Table.Cell(String(status.messages)),
                Table.Cell(String(status.consumers)))
        }
        console.table(table)
    }
}
