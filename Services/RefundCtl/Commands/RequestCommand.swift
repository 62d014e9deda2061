import AMQP
import ArgumentParser
import Foundation
import RefundMessages

/// `request ORDER --account A …`.
struct RequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask for a refund, as a storefront would.",
        discussion: """
            With --wait the command waits for an outcome that no longer changes by itself. Its exit
            status is then 1 where nothing is refunded (denied, steps to do, an exception) or the
            time is up, and 0 otherwise, also while the request is in review.
            """)

    @Argument(help: "The order.")
    var order: String

    @Option(help: "The account that the order belongs to.")
    var account: String

    @Option(name: .customLong("line"), help: "A line of the order; repeatable (default: all).")
    var lines: [String] = []

    @Flag(help: "Refund all of it or nothing.")
    var allOrNothing = false

    @Option(help: "Why, at most 500 characters.")
    var reason: String?

    @Option(help: "The request's id (default: a new one).")
    var id: String?

    @Option(help: "Wait that many seconds for the outcome.")
    var wait: Int?

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        for id in [order, account] + lines + (id.map { [$0] } ?? []) where !isIdentifier(id) {
            throw ValidationError("'\(id.printable)' is no id (1–64 of A–Z a–z 0–9 . _ : -).")
        }
        guard Set(lines).count == lines.count else {
            throw ValidationError("A line is named twice.")
        }
        guard (reason ?? "").unicodeScalars.count <= 500 else {
            throw ValidationError("--reason has more than 500 characters.")
        }
        guard wait.map({ (1...OutcomeWait.maxSeconds).contains($0) }) ?? true else {
            throw ValidationError("--wait takes 1 to \(OutcomeWait.maxSeconds) seconds.")
        }
    }

    func run() async throws {
        let console = options.console
        let request = RefundRequest(
            requestID: id ?? "r-" + UUID().uuidString.lowercased(), orderID: order,
            accountID: account, requestedAt: .now(), lines: lines.isEmpty ? nil : lines,
            allOrNothing: allOrNothing, reason: reason)
        let waiting = try wait.map { (seconds) throws(CommandFailure) in
            OutcomeWait(api: try options.api(), seconds: seconds, progress: Progress(console))
        }
        if let id, let waiting { try await refuseUsedID(id, waiting.api) }
        try await BrokerSession.publish([MessageLine(request)], options)
        guard let waiting else { return showPublished(request, on: console) }
        let (bytes, outcome) = try await waiting.outcome(of: request.requestID)
        if console.json {
            console.json(bytes)
        } else {
            await OutcomeView.print(outcome, waiting.api, on: console)
        }
        try outcome.throwUnlessGranted()
    }

    /// An id that a request has already would wait for that one's outcome: this one, made now, could
    /// only become a dead letter.
    private func refuseUsedID(_ id: String, _ api: APIClient) async throws {
        guard try await api.json(["requests", id]) != nil else { return }
        throw CommandFailure(
            .refused,
            "the id \(id) was used before (request_conflict); see refundctl status \(id)")
    }

    private func showPublished(_ request: RefundRequest, on console: Console) {
        guard console.json else {
            return console.line(
                "Published as \(request.requestID); ask for it with: refundctl status \(request.requestID)"
            )
        }
        var json = JSONWriter()
        json.object { $0.field("requestId", request.requestID) }
        console.json(json.bytes)
    }
}

extension MessageLine {
    init(_ request: RefundRequest) {
        self.init(exchange: "refund.requests", routingKey: "request", body: request.encode())
    }

    init(_ decision: ReviewDecision) {
        self.init(exchange: "refund.reviews", routingKey: "decision", body: decision.encode())
    }
}

extension BrokerSession {
    /// Publishes a few messages; throws unless every one arrived.
    static func publish(_ lines: [MessageLine], _ options: GlobalOptions) async throws {
        try await run(options) { broker in try await publish(lines, over: broker) }
    }

    /// The same over a broker that is there.
    static func publish(_ lines: [MessageLine], over broker: Broker) async throws {
        let now = Instant.now()
        let outcomes = try await broker.publisher.publish(lines.map { $0.message(at: now) })
        for case let reason? in outcomes.map(\.failureText) {
            throw CommandFailure(.refused, "the message was \(reason)")
        }
    }
}

extension RefundOutcome {
    /// Throws where nothing is refunded: exit status 1 with the reason.
    func throwUnlessGranted() throws(CommandFailure) {
        switch status {
        case .refunded, .partiallyRefunded, .inReview, .settling, .advice: return
        case .denied, .actionRequired, .settlementException:
            let codes = code.map { [$0.rawValue] } ?? lines.map(\.verdict.code.rawValue)
            throw CommandFailure(.refused, "\(status.rawValue): \(codes.joined(separator: ", "))")
        }
    }
}
