import AMQP
import ArgumentParser
import RefundMessages

/// `publish FILE|-`.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish messages from a file, or from standard input (-).",
        discussion: """
            One JSON object a line:
              {"exchange": "refund.requests", "routingKey": "request", "body": {…}}
            with "type" and "messageId" where they shall be other than by default. Bodies go out
            byte for byte, persistent, and count once the broker has confirmed them. A line that is
            wrong stops the command, with its number; what stands before it was published.
            """)

    @Argument(help: "The file, or - for standard input.")
    var file: String

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        let file = file
        let progress = Progress(console)
        let report = try await BrokerSession.run(options) { broker in
            let reader = try LineReader(file)
            let total = reader.totalBytes
            var publisher = FilePublisher(
                send: { try await broker.publisher.publish($0) },
                progress: { messages, bytes in
                    let fraction = total.map { Double(bytes) / Double(max($0, 1)) }
                    progress.show("\(messages) messages", fraction: fraction)
                })
            defer { progress.end() }
            return try await publisher.publish(reader)
        }
        try show(report, on: console)
    }

    private func show(_ report: FilePublisher.Report, on console: Console) throws(CommandFailure) {
        if console.json {
            var json = JSONWriter()
            json.object { json in
                json.field("published", report.confirmed)
                json.field("failures", report.failures)
            }
            console.json(json.bytes)
        } else {
            console.line("\(report.confirmed) published and confirmed")
        }
        guard let first = report.failures.first else { return }
        throw CommandFailure(
            .refused,
            "\(report.failures.count) did not arrive; the first is line \(first.line): \(first.reason)"
        )
    }
}

extension FilePublisher.Failure: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("line", line)
            json.field("reason", reason)
        }
    }
}
