import ArgumentParser
import Foundation
import RefundMessages

/// `dead-letters show`.
struct DeadLettersShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one: what is wrong and where, its history, and its request's story.")

    /// For the request's story: 5 s.
    private static let storyTimeout: TimeInterval = 5

    @OptionGroup var deadLetter: DeadLetterID
    @OptionGroup var options: DeadLettersOptions

    func run() async throws {
        let console = options.console
        let answer = try await options.api().deadLetter(deadLetter.id)
        if console.json { return console.json(answer.printable) }
        let view = try DeadLetterView(answer)
        view.print(on: console)
        if let request = view.row.requestID, isIdentifier(request) {
            await tellStory(of: request, on: console)
        }
    }

    /// What became of the request that the message is about, as the orchestrator knows it.
    private func tellStory(of request: String, on console: Console) async {
        console.line()
        do {
            let api = try options.global.api(as: options.operator)
            let found = try await api.json(["requests", request], timeout: Self.storyTimeout)
            guard let (bytes, root) = found else {
                return console.line(
                    "Request \(request) is not known: what became a dead letter is not remembered.")
            }
            if let outcome = try? RefundOutcome.decode(bytes) {
                return await OutcomeView.print(outcome, api, on: console)
            }
            let state = (try? root["state"].text()) ?? "open"
            console.line("Request \(request): \(state.printable), no outcome yet")
        } catch {
            let reason = CommandFailure(of: error).description
            console.line(
                console.paint(
                    "The story of request \(request) is not told: \(reason.clipped(to: 200))",
                    .faint))
        }
    }
}
