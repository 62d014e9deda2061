import ArgumentParser
import RefundMessages

/// `status REQUEST`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the latest outcome of a request.")

    @Argument(help: "The request's id.")
    var request: String

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        let api = try options.api()
        guard let (bytes, root) = try await api.json(["requests", request]) else {
            throw CommandFailure(
                .refused,
                "no request \(request) is known; one that could not be accepted is a dead letter")
        }
        if console.json { return console.json(bytes) }
        if let outcome = try? RefundOutcome.decode(bytes) {
            return await OutcomeView.print(outcome, api, on: console)
        }
        let state = (try? root["state"].text()) ?? "open"
        console.line("\(request.printable): \(state.printable), no outcome yet")
    }
}
