import AMQP
import ArgumentParser
import Foundation
import RefundMessages

/// `explain ORDER`: a dry run.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what a refund of an order would meet now, without asking for it.",
        discussion: "Nothing is waited for, held, paid or remembered.")

    /// The answer to a dry run waits for nothing but the queues: 15 s.
    static let answerTimeout: Duration = .seconds(15)

    @Argument(help: "The order.")
    var order: String

    @Option(name: .customLong("line"), help: "A line of the order; repeatable (default: all).")
    var lines: [String] = []

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        guard let (_, known) = try await options.api().json(["orders", order]) else {
            throw CommandFailure(.refused, "no order \(order) is known")
        }
        let request = RefundRequest(
            requestID: "explain-" + UUID().uuidString.lowercased(), orderID: order,
            accountID: try known["accountId"].identifier(), requestedAt: .now(),
            lines: lines.isEmpty ? nil : lines, dryRun: true)
        let progress = Progress(console)
        progress.show("Asking for advice on \(order)")
        let body = try await BrokerSession.run(options) { broker in
            try await Self.answer(to: request, over: broker)
        }
        progress.end()
        if console.json { return console.json(body) }
        let currency = try? known["currency"].currency()
        OutcomeView(outcome: try RefundOutcome.decode(body), currency: currency).print(on: console)
    }

    private static func answer(to request: RefundRequest, over broker: Broker) async throws
        -> [UInt8]
    {
        let outcomes = try await OutcomeStream(broker, bindingKey: "advice.#")
        try await BrokerSession.publish([MessageLine(request)], over: broker)
        return try await outcomes.first(within: answerTimeout) {
            $0.correlationID == request.requestID
        }
    }
}
