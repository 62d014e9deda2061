import AMQP
import Database
import DatabaseSupport
import Logging
import RefundMessages
import Synchronization
import Telemetry

@testable import Orchestrator
@testable import WorkerRuntime

/// The orchestrator's real handlers over real databases of the test's engine, with a clock of the
/// test's and the messages carried by hand: what a product's worker would answer is given, the broker
/// is left out.
final class OrchestratorRig: Sendable {
    let book: CaseBook
    let database: any Database
    let sandbox: SandboxProvider
    let desk: SettlementDesk
    private let recorder = Recorder()
    private let calling: Task<Void, any Error>
    private let scratch: StoreScratch
    let clock: TestClock
    let handlers: [String: any BatchHandler]
    /// Exchanges whose messages may begin legs.
    private let settling: Set<String>

    static let start = CaseSamples.now

    /// - Parameters:
    ///   - other: another instance, whose databases and clock it shares.
    ///   - beginsAtOnce: as the service does where there is room for a call; else every leg is begun by
    ///     its message, as where there is none.
    ///   - wrap: what is put around its own database.
    init(
        limits: SettlementLimits = CaseSamples.limits,
        providers: [PaymentProviderName: any PaymentProvider]? = nil,
        beside other: OrchestratorRig? = nil, beginsAtOnce: Bool = false,
        wrap: (any Database) -> any Database = { $0 }
    ) async throws {
        scratch = if let other { other.scratch } else { try await StoreScratch() }
        clock = other?.clock ?? TestClock(Self.start)
        let (clock, recorder) = (clock, recorder)
        let database = wrap(try await scratch.open("cases", Schema.migrations))
        let sandbox = SandboxProvider(
            database: try await scratch.open("sandbox", SandboxProvider.migrations),
            clock: { clock.now })
        let book = CaseBook(
            database: database, dispatch: CaseDispatch(), clock: { clock.now },
            logger: Logger(label: "test"))
        let desk = SettlementDesk(
            book: book, publisher: recorder,
            providers: PaymentProviders(
                byName: providers ?? [.sandbox: sandbox, .balance: BalanceProvider()]),
            limits: limits)
        let policy = CaseSamples.policy
        let cases: any CaseHandling = beginsAtOnce ? desk : book
        settling =
            beginsAtOnce
            ? ["refund.settlements", "refund.results", "refund.reviews"] : ["refund.settlements"]
        handlers = [
            "refund.requests": RequestHandler(
                book: book, policy: policy, calendar: RefundCalendar(zone: policy.zone),
                limits: IntakeLimits()),
            "refund.facts": OrderHandler(book: book),
            "refund.results": ResultHandler(cases: cases),
            "refund.reviews": DecisionHandler(cases: cases),
            "refund.settlements": SettlementHandler(desk: desk),
            "refund.payments": NoticeHandler(book: book, limits: limits),
        ]
        self.database = database
        self.sandbox = sandbox
        self.book = book
        self.desk = desk
        calling = Task { try await desk.run() }
    }

    deinit { calling.cancel() }

    /// Waits for the calls that were begun, records their answers, and returns what was published.
    func settle() async throws -> [OutgoingMessage] {
        repeat {
            await Task.yield()
            try await desk.record()
            try await desk.takeWaiting()
        } while !desk.isIdle
        return recorder.take()
    }

    /// Hands a message to its handler, as one delivery, and returns what became of it and what was
    /// published because of it.
    @discardableResult
    func deliver(
        _ exchange: String, _ routingKey: String, _ body: [UInt8], messageID: String? = nil,
        redelivered: Bool = false, firstFailedAt: String? = nil
    ) async throws -> (disposition: Disposition, messages: [OutgoingMessage]) {
        let handled = try await handle(
            exchange, routingKey, body, messageID: messageID, redelivered: redelivered,
            firstFailedAt: firstFailedAt)
        try await handled.afterConfirm?([])
        return (handled.dispositions[0], handled.messages)
    }

    /// The same, without the confirms.
    func handle(
        _ exchange: String, _ routingKey: String, _ body: [UInt8], messageID: String? = nil,
        redelivered: Bool = false, firstFailedAt: String? = nil
    ) async throws -> Handled {
        var properties = MessageProperties()
        properties.messageID = messageID
        let delivery = Delivery(
            tag: 1, redelivered: redelivered, exchange: exchange, routingKey: routingKey,
            properties: properties, body: body)
        let incoming = Incoming(
            delivery: delivery, queue: exchange, exchange: exchange, routingKey: routingKey,
            attempts: 0, firstFailedAt: firstFailedAt, trace: .random())
        guard let handler = handlers[exchange] else { return Handled(dispositions: [.done]) }
        var handled = try await handler.handle([incoming])
        if settling.contains(exchange) { handled.messages += try await settle() }
        return handled
    }

    /// Hands messages of one exchange to their handler as one batch; returns what was published.
    func deliver(together messages: [OutgoingMessage]) async throws -> [OutgoingMessage] {
        guard let exchange = messages.first?.exchange, let handler = handlers[exchange] else {
            return []
        }
        let handled = try await handler.handle(messages.map(Incoming.init))
        try await handled.afterConfirm?([])
        return settling.contains(exchange)
            ? handled.messages + (try await settle()) : handled.messages
    }

    /// Carries messages on until none is left: checks are answered by `answers`, outcomes collected.
    func carry(
        _ messages: [OutgoingMessage], answers: [Product: LineVerdict] = [:]
    ) async throws -> [RefundOutcome] {
        var outcomes: [RefundOutcome] = []
        var queue = messages
        while !queue.isEmpty {
            let message = queue.removeFirst()
            switch message.exchange {
            case "refund.outcomes":
                outcomes.append(try RefundOutcome.decode(message.body))
            case "refund.checks":
                let check = try RefundCheck.decode(message.body)
                guard let verdict = answers[check.product] else { continue }
                let result = RefundResult(
                    caseID: check.caseID, requestID: check.requestID, orderID: check.orderID,
                    product: check.product, revision: 1, lines: [verdict])
                queue += try await deliver(
                    "refund.results", check.product.rawValue, result.encode()
                ).messages
            default:
                queue += try await deliver(
                    message.exchange, message.routingKey, message.body,
                    messageID: message.properties.messageID
                ).messages
            }
        }
        return outcomes
    }

    /// What the sweeper sends now.
    func sweep() async throws -> [OutgoingMessage] {
        let recorder = Recorder()
        _ = try await CaseSweeper(book: book, publisher: recorder).sweep()
        return recorder.messages
    }

    /// The sandbox's later news that are due now.
    func news() async throws -> [OutgoingMessage] {
        let recorder = Recorder()
        _ = try await SandboxNews(provider: sandbox, publisher: recorder).sweep()
        return recorder.messages
    }
}

extension Incoming {
    /// A message's first delivery.
    init(_ message: OutgoingMessage) {
        self.init(
            delivery: Delivery(
                tag: 1, redelivered: false, exchange: message.exchange,
                routingKey: message.routingKey, properties: message.properties,
                body: message.body),
            queue: message.exchange, exchange: message.exchange, routingKey: message.routingKey,
            attempts: 0, trace: .random())
    }
}

/// Takes what is published and confirms it.
final class Recorder: MessagePublisher {
    private let sent = Mutex<[OutgoingMessage]>([])

    var messages: [OutgoingMessage] { sent.withLock { $0 } }

    /// What was published since the last time.
    func take() -> [OutgoingMessage] {
        sent.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }

    func publish(_ messages: [OutgoingMessage]) async throws -> [PublishOutcome] {
        sent.withLock { $0 += messages }
        return messages.map { _ in .confirmed }
    }
}

/// A clock that the test moves.
final class TestClock: Sendable {
    private let time: Mutex<Instant>

    init(_ start: Instant) { time = Mutex(start) }

    var now: Instant { time.withLock { $0 } }

    func advance(seconds: Int64) {
        time.withLock { $0 = $0.advanced(bySeconds: seconds) }
    }
}
