import ArgumentParser
import Foundation
import RefundMessages

/// What approving and denying have in common.
struct DecisionOptions: ParsableArguments {
    /// For the outcome that follows a decision: 30 s by default.
    static let defaultWaitSeconds = 30

    @Argument(help: "The request.")
    var request: String

    @Option(help: "One line (default: every line of the request that is in review).")
    var line: String?

    @Option(help: "Who decides, 1 to 128 characters.")
    var `operator`: String

    @Option(help: "Why, at most 500 characters.")
    var note: String?

    @Option(help: "Wait at most that many seconds for the outcome that follows.")
    var wait = DecisionOptions.defaultWaitSeconds

    func check() throws {
        for id in [request] + (line.map { [$0] } ?? []) where !isIdentifier(id) {
            throw ValidationError("'\(id.printable)' is no id (1–64 of A–Z a–z 0–9 . _ : -).")
        }
        guard (1...128).contains(`operator`.unicodeScalars.count) else {
            throw ValidationError("--operator takes 1 to 128 characters.")
        }
        guard (note ?? "").unicodeScalars.count <= 500 else {
            throw ValidationError("--note has more than 500 characters.")
        }
        guard (1...OutcomeWait.maxSeconds).contains(wait) else {
            throw ValidationError("--wait takes 1 to \(OutcomeWait.maxSeconds) seconds.")
        }
    }

    /// Publishes the decision and waits for the revision that follows from it. What the request's
    /// outcome shows to be no decision at all is refused before anything is published.
    func run(
        _ decision: ReviewDecision.Decision, amount: Int64?, _ options: GlobalOptions
    ) async throws {
        let console = options.console
        let api = try options.api()
        guard let (bytes, _) = try await api.json(["requests", request]),
            let before = try? RefundOutcome.decode(bytes)
        else { throw CommandFailure(.refused, "no request \(request) with an outcome is known") }
        try check(amount, against: before)
        try await BrokerSession.publish(
            [
                MessageLine(
                    ReviewDecision(
                        requestID: request, lineID: line, decision: decision, amount: amount,
                        operator: `operator`, note: note))
            ], options)
        var waiting = OutcomeWait(api: api, seconds: wait, progress: Progress(console))
        waiting.afterRevision = before.revision
        let (answer, outcome) = try await waiting.outcome(of: request)
        if console.json {
            console.json(answer)
        } else {
            await OutcomeView.print(outcome, api, on: console)
        }
    }

    private func check(_ amount: Int64?, against outcome: RefundOutcome) throws(CommandFailure) {
        let inReview = outcome.lines.map(\.verdict).filter {
            $0.verdict == .review && (line == nil || $0.lineID == line)
        }
        guard !inReview.isEmpty else {
            let what = line.map { "line \($0) of \(request)" } ?? "no line of \(request)"
            throw CommandFailure(
                .refused, "\(what) is \(line == nil ? "" : "not ")in review (not_in_review)")
        }
        if let amount, let most = inReview.first?.amount, amount > most {
            throw CommandFailure(
                .refused, "the line carries \(most); \(amount) is more (amount_too_high)")
        }
    }
}
