import AMQP
import Telemetry

/// What is still to be published and settled for a handled group of messages. Pure.
///
/// A message that is where it belongs is never published again, however long its neighbours take.
struct SettlementPlan {
    /// A delivery that is carried on by a copy of its own: a dead letter, a retry, a wait.
    typealias Copy = (message: OutgoingMessage, delivery: Delivery)

    /// The handler's messages that are not where they belong, with their positions. While there is
    /// one nothing is settled: which delivery it follows from is not known.
    private(set) var messages: [(position: Int, message: OutgoingMessage)]
    /// Copies that are not where they belong. Each holds only its own delivery.
    private(set) var copies: [Copy] = []
    /// Positions of the handler's messages that a subscriber's queue refused.
    private(set) var refused: Set<Int> = []
    /// To be acked.
    private var acked: [Delivery] = []
    /// To be rejected to the broker's dead-letter exchange.
    private var rejected: [Delivery] = []

    init(_ group: [Incoming], _ handled: Handled, failures: FailureMessages, at now: WallTime) {
        precondition(group.count == handled.dispositions.count, "one disposition for each message")
        messages = handled.messages.enumerated().map { ($0.offset, $0.element) }
        for (incoming, disposition) in zip(group, handled.dispositions) {
            switch disposition {
            case .done:
                // A replayed message's dead letter waits for the word that it was processed.
                if let word = failures.processed(incoming) {
                    copies.append((word, incoming.delivery))
                } else {
                    acked.append(incoming.delivery)
                }
            case .retry(let detail):
                carryOn(incoming, failures.retry(incoming, detail: detail, at: now))
            case .wait:
                carryOn(incoming, failures.wait(incoming, at: now))
            case .deadLetter(let letter):
                carryOn(incoming, failures.deadLetter(incoming, letter, at: now))
            }
        }
    }

    /// What is left of a plan: that copy alone.
    init(_ copy: Copy) {
        messages = []
        copies = [copy]
    }

    private mutating func carryOn(_ incoming: Incoming, _ way: FailureMessages.Way) {
        switch way {
        case .publish(let message): copies.append((message, incoming.delivery))
        case .rejectToDeadLetters: rejected.append(incoming.delivery)
        }
    }

    /// All that is to be published now, in one burst.
    var burst: [OutgoingMessage] { messages.map(\.message) + copies.map(\.message) }

    /// Deliveries that are not settled yet.
    var unsettled: [Delivery] { acked + rejected + copies.map(\.delivery) }

    /// Notes what became of `burst`; the reason why some of it must be published again, nil when all
    /// is where it belongs.
    mutating func note(_ outcomes: [PublishOutcome]) -> String? {
        precondition(
            outcomes.count == messages.count + copies.count, "one outcome for each message")
        var reason: String?
        var kept: [(position: Int, message: OutgoingMessage)] = []
        for (entry, outcome) in zip(messages, outcomes) {
            guard let why = Self.reason(entry.message, outcome) else {
                if outcome == .nacked { refused.insert(entry.position) }
                continue
            }
            reason = reason ?? why
            kept.append(entry)
        }
        var keptCopies: [Copy] = []
        for (copy, outcome) in zip(copies, outcomes.dropFirst(messages.count)) {
            guard let why = Self.reason(copy.message, outcome) else {
                acked.append(copy.delivery)
                continue
            }
            reason = reason ?? why
            keptCopies.append(copy)
        }
        messages = kept
        copies = keptCopies
        return reason
    }

    /// What may be settled now, in the order of delivery: nothing before every message of the handler is where it belongs.
    mutating func takeSettled() -> (acked: [Delivery], rejected: [Delivery]) {
        guard messages.isEmpty else { return ([], []) }
        defer { (acked, rejected) = ([], []) }
        return (acked.sorted { $0.tag < $1.tag }, rejected)
    }

    /// Why the message must be published again. What nobody subscribes to, or a subscriber's full
    /// queue refuses, need not be.
    private static func reason(_ message: OutgoingMessage, _ outcome: PublishOutcome) -> String? {
        switch outcome {
        case .confirmed: nil
        case .returned(let code, let text):
            message.mandatory
                ? "no queue takes \(message.exchange)/\(message.routingKey): \(code) \(text)" : nil
        case .nacked:
            message.mandatory
                ? "the broker refuses \(message.exchange)/\(message.routingKey)" : nil
        case .unconfirmed: "the broker has not confirmed what was published"
        }
    }
}
