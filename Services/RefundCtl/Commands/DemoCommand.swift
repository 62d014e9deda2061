import ArgumentParser
import RefundMessages

/// `demo DIR`: what `make run` and `make demo` show.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Publish a directory of samples and show what becomes of them.",
        discussion: """
            The files are published in the order of their names, each after the one before was
            answered. Every run gives the ids a suffix of its own, so that the same samples can be
            refunded again and again. Dead letters are counted, so nothing else should publish.
            """)

    @Argument(help: "The directory of the samples.")
    var directory: String

    @Flag(help: "Exit with status 1 where an outcome is otherwise than expected.json says.")
    var check = false

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        let now = Instant.now()
        let run = "-" + String(now.seconds, radix: 36)
        let samples = try SampleSet(
            directory: directory, template: Template(run: run, now: now))
        let deadLetters = try DeadLettersOptions.configuredAPI(options)
        let (outcomes, differences) = try await BrokerSession.run(options) { broker in
            let run = SampleRun(samples, broker, deadLetters, console)
            let differences = try await run.run()
            return (await run.outcomes, differences)
        }
        if console.json {
            showJSON(samples, outcomes, differences, on: console)
        } else {
            show(samples, outcomes, differences, on: console)
        }
        if check, !differences.isEmpty {
            throw CommandFailure(.differs, "\(differences.count) differences from what is expected")
        }
    }

    private func show(
        _ samples: SampleSet, _ outcomes: [String: RefundOutcome], _ differences: [String],
        on console: Console
    ) {
        var table = SampleTable(language: console.language)
        let currencies = samples.currencies
        for expectation in samples.expected.outcomes {
            if let outcome = outcomes[expectation.requestID] {
                table.add(outcome, currency: currencies[outcome.orderID])
            } else {
                table.addMissing(expectation.requestID)
            }
        }
        console.line()
        console.table(table.table)
        console.line()
        for difference in differences {
            console.line(console.paint("differs: ", .bad) + difference.printable)
        }
        let refunded = outcomes.values.count { $0.orderStatus != nil }
        console.line("\(outcomes.count) requests answered, \(refunded) of them with money")
        let next = samples.expected.tryNext
        console.line("An order nobody asked about yet:")
        let program = GlobalOptions.environment("REFUNDCTL") ?? "refundctl"
        console.line("  \(program) request \(next.orderID) --account \(next.accountID) --wait 10")
    }

    private func showJSON(
        _ samples: SampleSet, _ outcomes: [String: RefundOutcome], _ differences: [String],
        on console: Console
    ) {
        var json = JSONWriter()
        json.object { json in
            json.field("outcomes", samples.expected.outcomes.compactMap { outcomes[$0.requestID] })
            json.field("differences", differences)
        }
        console.json(json.bytes)
    }
}

extension SampleSet {
    /// The currency of each order, for amounts of which nothing is paid yet.
    var currencies: [String: String] {
        var currencies: [String: String] = [:]
        for line in phases.flatMap(\.lines) where line.routingKey == "order" {
            guard let order = try? OrderPaid.decode(line.body) else { continue }
            currencies[order.orderID] = order.currency
        }
        return currencies
    }
}
