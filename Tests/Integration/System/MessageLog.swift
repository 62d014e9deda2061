import AMQP
import Foundation
import RefundMessages
import TestSupport

/// Everything the system published, as a subscriber of its exchanges sees it.
final class MessageLog: Sendable {
    /// What is subscribed to.
    enum Scope {
        /// `refund.outcomes` alone.
        case outcomes
        /// What services tell each other and what waits in the delay queues, too; and the queue
        /// `refund.dead-letters` is emptied into ``MessageLog/deadLetters``.
        case everything
    }

    fileprivate struct State {
        var outcomes: [String: [RefundOutcome]] = [:]
        var messages: [Delivery] = []
        var bundles: [Delivery] = []
        var deadLetters: [Delivery] = []
        var finals = 0
        /// Request ids, once for each outcome that came.
        var arrivals: [String] = []
    }

    private let state = Locked(State())
    private let tasks = Locked<[Task<Void, Never>]>([])
    private let consumers = Locked<[Consumer]>([])

    private static let internalExchanges = [
        "refund.checks", "refund.results", "refund.settlements", "refund.payments",
        "refund.delay.1s", "refund.delay.5s", "refund.delay.30s",
    ]

    /// Returns when the broker delivers.
    init(_ broker: Broker, _ scope: Scope) async throws {
        let keeps = scope == .everything
        let exchanges = ["refund.outcomes"] + (keeps ? Self.internalExchanges : [])
        if keeps {
            try await listen(
                broker.consumer(queue: "refund.dead-letters", prefetch: 200, maxBatch: 200)
            ) { $0.deadLetters += $1 }
        }
        let bindings = exchanges.map { Binding(exchange: $0, routingKey: "#") }
        try await listen(
            broker.consumer(temporaryBoundTo: bindings, prefetch: 1_000, maxBatch: 500)
        ) { $0.add($1, keeps: keeps) }
    }

    private func listen(
        _ consumer: Consumer, _ add: @escaping @Sendable (inout State, [Delivery]) -> Void
    ) async throws {
        let task = Task { [state] in
            for await batch in consumer {
                state.withLock { add(&$0, batch.deliveries) }
                await batch.ack(batch.deliveries)
            }
        }
        tasks.withLock { $0.append(task) }
        consumers.withLock { $0.append(consumer) }
        try await waitUntilListening()
    }

    /// After a restart of the broker: until it delivers again.
    func waitUntilListening() async throws {
        let all = consumers.withLock { $0 }
        guard await eventually(within: 120, { all.allSatisfy(\.isConsuming) }) else {
            throw SupportFailure("the test's own subscription was not made")
        }
    }

    func stop() { tasks.withLock { for task in $0 { task.cancel() } } }

    /// All outcomes of a request that differ from the one before, in the order of their coming.
    func outcomes(of requestID: String) -> [RefundOutcome] {
        state.withLock { $0.outcomes[requestID] ?? [] }
    }

    /// The outcome of the highest revision.
    func latest(of requestID: String) -> RefundOutcome? {
        outcomes(of: requestID).max { $0.revision < $1.revision }
    }

    /// The requests of the outcomes that came after the first `count`, and how many came by now.
    func arrivals(after count: Int) -> (requestIDs: Set<String>, count: Int) {
        state.withLock { (Set($0.arrivals.dropFirst(count)), $0.arrivals.count) }
    }

    /// How many final outcomes came, repetitions aside.
    var finals: Int { state.withLock { $0.finals } }

    /// Everything that came, dead letters aside; of bundles their items.
    var messages: [Delivery] { state.withLock { $0.messages } }

    /// Messages that held several.
    var bundles: [Delivery] { state.withLock { $0.bundles } }

    /// What came out of `refund.dead-letters`.
    var deadLetters: [Delivery] { state.withLock { $0.deadLetters } }

    /// Waits for a dead letter.
    func deadLetter(
        within seconds: Double = 120, _ matches: (Delivery) -> Bool
    ) async throws -> Delivery {
        var found: Delivery?
        _ = await eventually(within: seconds) {
            found = deadLetters.first(where: matches)
            return found != nil
        }
        guard let found else { throw SupportFailure("the dead letter did not come") }
        return found
    }
}

extension MessageLog.State {
    mutating func add(_ deliveries: [Delivery], keeps: Bool) {
        if keeps {
            messages += deliveries.flatMap { $0.items ?? [$0] }
            bundles += deliveries.filter { $0.items != nil }
        }
        for delivery in deliveries where delivery.exchange == "refund.outcomes" {
            guard let outcome = try? RefundOutcome.decode(delivery.body),
                outcomes[outcome.requestID]?.contains(outcome) != true
            else { continue }
            outcomes[outcome.requestID, default: []].append(outcome)
            arrivals.append(outcome.requestID)
            if outcome.status.isFinal { finals += 1 }
        }
    }
}

extension Delivery {
    /// The items of a bundle, read as an operator's tools would; nil where it is none.
    fileprivate var items: [Delivery]? {
        guard properties.type == "refund.bundle.v1",
            let items = try? JSONSerialization.jsonObject(with: Data(body)) as? [[String: Any]]
        else { return nil }
        return items.map { item in
            var single = self
            single.properties.type = item["type"] as? String
            single.properties.messageID = item["messageId"] as? String
            single.properties.correlationID = item["correlationId"] as? String
            single.properties.appID = item["appId"] as? String
            single.properties.timestamp = item["timestamp"] as? UInt64
            if let trace = item["traceparent"] as? String {
                single.properties.headers = FieldTable([("traceparent", .string(Array(trace.utf8)))]
                )
            }
            single.body =
                (item["body"].flatMap { try? JSONSerialization.data(withJSONObject: $0) })
                .map(Array.init) ?? []
            return single
        }
    }
}
