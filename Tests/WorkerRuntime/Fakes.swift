import AMQP
import Logging
import Synchronization

@testable import WorkerRuntime

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A delivery as a publisher's first publication would arrive.
func delivery(
    tag: UInt64 = 1, redelivered: Bool = false, exchange: String = "refund.requests",
    routingKey: String = "request", headers: FieldTable? = nil, headersAreComplete: Bool = true,
    body: String = "{}"
) -> Delivery {
    var properties = MessageProperties()
    properties.messageID = "m-\(tag)"
    properties.headers = headers
    return Delivery(
        tag: tag, redelivered: redelivered, exchange: exchange, routingKey: routingKey,
        properties: properties, headersAreComplete: headersAreComplete, body: Array(body.utf8))
}

func incoming(_ delivery: Delivery, queue: String = "refund.requests") -> Incoming {
    Incoming(delivery, queue: queue, names: RuntimeNames())
}

func outgoing(_ key: String, mandatory: Bool = true) -> OutgoingMessage {
    OutgoingMessage(exchange: "out", routingKey: key, mandatory: mandatory, body: [])
}

/// What the processor did, in order.
enum Step: Equatable {
    case handled([UInt64])
    case published([String])
    case afterConfirm(refused: Set<Int>)
    case acked([UInt64])
    case rejected(UInt64, requeue: Bool)
}

final class Journal: Sendable {
    private let entries = Mutex<[Step]>([])
    func add(_ step: Step) { entries.withLock { $0.append(step) } }
    var steps: [Step] { entries.withLock { $0 } }
}

struct FakeBatch: ConsumedBatch {
    var deliveries: [Delivery]
    let journal: Journal
    var isCurrent = true

    func ack(_ deliveries: [Delivery]) async { journal.add(.acked(deliveries.map(\.tag))) }
    func reject(_ delivery: Delivery, requeue: Bool) async {
        journal.add(.rejected(delivery.tag, requeue: requeue))
    }
}

struct PublishFailure: Error {}

/// Answers publishes from a script; after its end everything is confirmed.
final class FakePublisher: MessagePublisher {
    let journal: Journal
    private let script: Mutex<[PublishOutcome?]>
    private let messages = Mutex<[OutgoingMessage]>([])
    private let isUnwritable = Mutex<@Sendable (OutgoingMessage) -> Bool>({ _ in false })

    /// - Parameter script: for each call the outcome of its first message; nil: the call throws.
    init(_ journal: Journal, _ script: [PublishOutcome?] = []) {
        self.journal = journal
        self.script = Mutex(script)
    }

    var published: [OutgoingMessage] { messages.withLock { $0 } }

    /// A call with such a message fails before anything is sent.
    func refuseToWrite(_ which: @escaping @Sendable (OutgoingMessage) -> Bool) {
        isUnwritable.withLock { $0 = which }
    }

    func publish(_ messages: [OutgoingMessage]) async throws -> [PublishOutcome] {
        journal.add(.published(messages.map { "\($0.exchange)/\($0.routingKey)" }))
        self.messages.withLock { $0 = messages }
        if messages.contains(where: isUnwritable.withLock { $0 }) {
            throw AMQPError(.invalidMessage, "not writable")
        }
        let next = script.withLock { $0.isEmpty ? .some(.confirmed) : $0.removeFirst() }
        guard let next else { throw PublishFailure() }
        return messages.indices.map { $0 == 0 ? next : .confirmed }
    }
}

/// Handles by a closure and notes what it was given.
struct FakeHandler: BatchHandler {
    let journal: Journal
    let body: @Sendable ([Incoming]) throws -> Handled

    func handle(_ batch: [Incoming]) async throws -> Handled {
        journal.add(.handled(batch.map(\.delivery.tag)))
        return try body(batch)
    }
}
