import AMQP
import Logging
import NIOCore
import Telemetry
import TestSupport
import WorkerRuntime

@testable import PaymentWebhook

/// In place of the broker's publisher, where only its answer matters; the process's tests have a real
/// broker.
final class FakePublisher: MessagePublisher {
    enum Behaviour { case confirms, nacks, returns, throwsAway, neverAnswers }

    struct Failure: Error {}

    private let behaviour = Locked(Behaviour.confirms)
    private let confirmed = Locked<[OutgoingMessage]>([])

    /// What was published and confirmed, in order.
    var published: [OutgoingMessage] { confirmed.withLock { $0 } }

    func behave(_ new: Behaviour) { behaviour.withLock { $0 = new } }

    func publish(_ messages: [OutgoingMessage]) async throws -> [PublishOutcome] {
        switch behaviour.withLock({ $0 }) {
        case .confirms:
            confirmed.withLock { $0 += messages }
            return messages.map { _ in .confirmed }
        case .nacks: return messages.dropLast().map { _ in .confirmed } + [.nacked]
        case .returns: return messages.map { _ in .returned(code: 312, text: "NO_ROUTE") }
        case .throwsAway: throw Failure()
        case .neverAnswers:
            // As the real one: until it is cancelled.
            try await Task.sleep(for: .seconds(60))
            return messages.map { _ in .confirmed }
        }
    }
}

/// The desk, and the server where it is asked for, over a publisher of that behaviour.
struct Bench {
    let publisher = FakePublisher()
    private let isReady = Locked(true)
    let desk: EventDesk

    init(
        secrets: String = EventRequest.secret, isLive: Bool = true, time: Duration = .seconds(5),
        now: @escaping @Sendable () -> WallTime = { .now() }
    ) throws {
        let secrets = try SigningSecrets { () throws(ConfigurationFault) in
            SigningSecrets.parse(secrets) ?? []
        }
        desk = EventDesk(
            secrets: secrets, isLive: isLive,
            publisher: NoticePublisher(
                publisher: publisher, isReady: { [isReady] in isReady.withLock { $0 } },
                appID: "payment-webhook", clock: now, time: time),
            clock: now)
    }

    /// Whether the broker is there.
    func become(ready: Bool) { isReady.withLock { $0 = ready } }

    /// Serves on a free port while `body` runs.
    func serving(
        requestTime: TimeAmount = .seconds(10), _ body: (Int) async throws -> Void
    ) async throws {
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let server = WebhookServer(
            address: WebhookAddress(host: "127.0.0.1", port: 0),
            responder: WebhookResponder(desk: desk, report: ResultReport(logger: .quiet)),
            logger: .quiet, requestTime: requestTime, onListening: { listening.yield($0) })
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            for await port in ports {
                try await body(port)
                break
            }
            group.cancelAll()
            while (try? await group.next()) != nil {}
        }
    }
}
