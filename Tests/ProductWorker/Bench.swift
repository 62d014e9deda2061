import AMQP
import Database
import DatabaseSupport
import RefundMessages
import Synchronization
import Telemetry

@testable import ProductWorker
@testable import WorkerRuntime

/// A product worker without a broker: its handlers over a real database of the test's engine, a clock
/// that the test sets, and the messages that it would publish.
final class Bench: Sendable {
    let database: any Database
    let context: WorkerContext
    let clock = Clock()
    private let scratch: StoreScratch

    /// - Parameters:
    ///   - scratch: where the database is that the instances of one worker share.
    ///   - wrap: what is put around it.
    init(
        _ rules: any ProductRules.Type = StubRules.self, in scratch: StoreScratch? = nil,
        wrap: (any Database) -> any Database = { $0 }
    ) async throws {
        self.scratch = if let scratch { scratch } else { try await StoreScratch() }
        database = wrap(try await self.scratch.open("worker", WorkerSchema.migrations))
        context = WorkerContext(
            rules: rules, database: database, factsWait: .seconds(60),
            clock: { [clock] in clock.now })
    }

    /// Handles one batch of checks.
    func check(_ checks: RefundCheck..., waitingSince: Instant? = nil) async throws -> Handled {
        try await CheckHandler(context: context).handle(
            checks.map { Incoming.of($0.encode(), waitingSince: waitingSince) })
    }

    /// Handles one batch of usage documents: line, version, calls.
    func usage(_ documents: (String, Int64, Int64)..., order: String = "o-1") async throws
        -> Handled
    {
        try await FactsHandler(context: context).handle(
            documents.map { line, version, calls in
                .of(
                    Usage(
                        orderID: order, lineID: line, version: version,
                        facts: .repository(apiCallsConsumed: calls)
                    ).encode())
            })
    }

    /// Handles one batch of outcomes.
    @discardableResult
    func outcome(_ outcomes: RefundOutcome...) async throws -> Handled {
        try await OutcomeHandler(context: context).handle(outcomes.map { .of($0.encode()) })
    }

    /// Sweeps; returns what was published, confirmed unless `confirms` is false.
    func sweep(confirms: Bool = true) async throws -> [RefundResult] {
        let recorder = Recorder(outcome: confirms ? .confirmed : .unconfirmed)
        try await DeskSweeper(context: context, publisher: recorder).sweep()
        return try recorder.messages.withLock { $0 }.map { try RefundResult.decode($0.body) }
    }
}

/// A clock that stands until it is moved.
final class Clock: Sendable {
    private let time = Mutex(noon)

    var now: Instant { time.withLock { $0 } }

    func advance(bySeconds seconds: Int64) {
        time.withLock { $0 = $0.advanced(bySeconds: seconds) }
    }
}

/// A publisher that keeps what it gets.
struct Recorder: MessagePublisher {
    let messages = Recorded()
    let outcome: PublishOutcome

    final class Recorded: Sendable {
        private let messages = Mutex<[OutgoingMessage]>([])

        func withLock<T>(_ body: (inout sending [OutgoingMessage]) -> sending T) -> T {
            messages.withLock(body)
        }
    }

    func publish(_ messages: [OutgoingMessage]) async throws -> [PublishOutcome] {
        self.messages.withLock { $0 += messages }
        return messages.map { _ in outcome }
    }
}

extension Incoming {
    static let trace = TraceContext(
        traceID: 0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10, parentID: 0x0102_0304_0506_0708,
        flags: 1)

    /// A message with that body.
    static func of(
        _ body: [UInt8], type: String? = nil, waitingSince: Instant? = nil
    ) -> Incoming {
        var properties = MessageProperties()
        properties.type = type
        return Incoming(
            delivery: Delivery(
                tag: 1, redelivered: false, exchange: "x", routingKey: "k", properties: properties,
                body: body),
            queue: "q", exchange: "x", routingKey: "k", attempts: 0,
            firstFailedAt: waitingSince.map {
                WallTime(seconds: $0.seconds, nanoseconds: $0.nanoseconds).rfc3339
            },
            trace: trace)
    }
}

extension Handled {
    /// The results it publishes.
    var results: [RefundResult] {
        get throws { try messages.map { try RefundResult.decode($0.body) } }
    }

    /// The codes of each result's lines.
    var codes: [[LineCode]] {
        get throws { try results.map { $0.lines.map(\.code) } }
    }
}
