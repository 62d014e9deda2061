import AMQP
import Telemetry

/// What is to be published and settled for a handled group of messages. Pure.
struct SettlementPlan {
    /// The handler's messages, then dead letters and retries: one burst.
    var messages: [OutgoingMessage]
    /// Those of `messages` that are the handler's: the first ones.
    let ownMessages: Int
    /// Acked once all messages are confirmed.
    var acked: [Delivery] = []
    /// Rejected to the broker's dead-letter exchange once all messages are confirmed.
    var rejected: [Delivery] = []

    init(_ group: [Incoming], _ handled: Handled, failures: FailureMessages, at now: WallTime) {
        precondition(group.count == handled.dispositions.count, "one disposition for each message")
        messages = handled.messages
        ownMessages = messages.count
        for (incoming, disposition) in zip(group, handled.dispositions) {
            switch disposition {
            case .done:
                acked.append(incoming.delivery)
            case .retry(let detail):
                carryOn(incoming, failures.retry(incoming, detail: detail, at: now))
            case .wait:
                carryOn(incoming, failures.wait(incoming, at: now))
            case .deadLetter(let letter):
                carryOn(incoming, failures.deadLetter(incoming, letter, at: now))
            }
        }
    }

    private mutating func carryOn(_ incoming: Incoming, _ way: FailureMessages.Way) {
        switch way {
        case .publish(let message):
            messages.append(message)
            acked.append(incoming.delivery)
        case .rejectToDeadLetters:
            rejected.append(incoming.delivery)
        }
    }

    /// Positions in the handler's messages of those that a subscriber's queue refused.
    func refused(_ outcomes: [PublishOutcome]) -> Set<Int> {
        Set(
            outcomes.indices.filter {
                outcomes[$0] == .nacked && $0 < ownMessages && !messages[$0].mandatory
            })
    }

    /// Why the group must be held: the first message that is not where it belongs, nil when all are.
    func hold(_ outcomes: [PublishOutcome]) -> String? {
        precondition(outcomes.count == messages.count, "one outcome for each message")
        for (message, outcome) in zip(messages, outcomes) {
            switch outcome {
            case .confirmed: continue
            case .returned(let code, let text):
                guard message.mandatory else { continue }
                return "no queue takes \(message.exchange)/\(message.routingKey): \(code) \(text)"
            case .nacked:
                guard message.mandatory else { continue }
                return "the broker refuses \(message.exchange)/\(message.routingKey)"
            case .unconfirmed:
                return "the broker has not confirmed what was published"
            }
        }
        return nil
    }
}
