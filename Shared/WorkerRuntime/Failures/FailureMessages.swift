import AMQP
import Telemetry

/// Makes the messages that carry a failed one on: to a delay queue, or to the dead letters.
///
/// Pure: the body is the delivery's byte for byte, message properties and headers are kept.
struct FailureMessages: Sendable {
    var names = RuntimeNames()
    /// Who gives up: the process's instance name.
    var consumer: String

    /// Bytes of the detail (contract, "Dead letters").
    static let maximumDetailBytes = 1024
    /// Bytes of a replay's name; a longer one is none of the dead-letter service.
    static let maximumReplayBytes = 128

    /// Where a failed message goes.
    enum Way: Equatable {
        case publish(OutgoingMessage)
        /// No copy of ours can carry its headers: the broker's own dead-lettering takes it.
        case rejectToDeadLetters
    }

    /// The message for the next delay queue, or the dead letter once the schedule is spent.
    func retry(_ incoming: Incoming, detail: String, at now: WallTime) -> Way {
        let history = MessageHistory(incoming.delivery, names: names)
        let failures = history.attempts + 1
        guard let step = RetrySchedule.step(afterFailures: failures) else {
            let exhausted = DeadLetter(
                reason: names.exhaustedReason, detail: "Gave up after \(failures) tries: \(detail)")
            return deadLetter(incoming, exhausted, at: now)
        }
        return delayed(incoming, history, step: step, attempts: failures, at: now)
    }

    /// The message for the first delay queue: it waits, which is no failure.
    func wait(_ incoming: Incoming, at now: WallTime) -> Way {
        let history = MessageHistory(incoming.delivery, names: names)
        return delayed(
            incoming, history, step: RetrySchedule.waitStep, attempts: history.attempts, at: now)
    }

    /// Most ends of a process that a message may be held responsible for. On trial it may share the
    /// process with one that another worker sent there; nobody innocent does so this often.
    static let mostCrashes = 8

    /// The suspect for the first delay queue, to be tried when it comes back from there or to wait on;
    /// or its dead letter.
    func putOff(
        _ incoming: Incoming, crashes: Int, toTrial: Bool = false, at now: WallTime
    ) -> Way {
        guard crashes < Self.mostCrashes else {
            let letter = DeadLetter(
                reason: names.crashedReason,
                detail: "The process ended each time it handled this message alone.")
            return deadLetter(incoming, letter, at: now)
        }
        let history = MessageHistory(incoming.delivery, names: names)
        return delayed(
            incoming, history, step: RetrySchedule.waitStep, attempts: history.attempts,
            suspicion: (crashes, toTrial), at: now)
    }

    private func delayed(
        _ incoming: Incoming, _ history: MessageHistory, step: String, attempts: Int,
        suspicion: (crashes: Int, toTrial: Bool)? = nil, at now: WallTime
    ) -> Way {
        var properties = incoming.delivery.properties.settingAside(
            own: HeaderName.ofRetries, of: history, names: names)
        add(
            [
                (.attempts, .int32(Int32(attempts))),
                (.firstFailedAt, .text(history.firstFailedAt ?? now.rfc3339)),
                (.exchange, .text(incoming.exchange)),
                (.routingKey, .text(incoming.routingKey)),
            ], to: &properties)
        if let suspicion {
            add([(.crashes, .int32(Int32(suspicion.crashes)))], to: &properties)
            if suspicion.toTrial { add([(.trial, .int32(1))], to: &properties) }
        }
        return way(to: names.delayExchangePrefix + step, incoming, properties)
    }

    /// The record for the dead letters, with every header of the contract's table.
    func deadLetter(_ incoming: Incoming, _ letter: DeadLetter, at now: WallTime) -> Way {
        let history = MessageHistory(incoming.delivery, names: names)
        var properties = incoming.delivery.properties.settingAside(
            own: HeaderName.allCases, of: history, names: names)
        var headers: [(HeaderName, FieldValue)] = [
            (.reason, .text(letter.reason)),
            (.detail, .text(Self.bounded(letter.detail))),
        ]
        if let path = letter.path { headers.append((.path, .text(path))) }
        headers += [
            (.queue, .text(incoming.queue)),
            (.exchange, .text(incoming.exchange)),
            (.routingKey, .text(incoming.routingKey)),
            (.consumer, .text(consumer)),
            (.attempts, .int32(Int32(history.attempts + 1))),
            (.firstFailedAt, .text(history.firstFailedAt ?? now.rfc3339)),
            (.lastFailedAt, .text(now.rfc3339)),
        ]
        add(headers, to: &properties)
        return way(to: names.deadLetterExchange, incoming, properties)
    }

    /// The word to the dead-letter service that a message which it sent again was processed; nil for
    /// every other message.
    func processed(_ incoming: Incoming) -> OutgoingMessage? {
        guard let replay = incoming.delivery.properties.headers?[names.replayHeader],
            replay.text(atMost: Self.maximumReplayBytes) != nil
        else { return nil }
        var properties = MessageProperties()
        properties.type = names.processedType
        properties.deliveryMode = 2
        properties.headers = FieldTable([(names.replayHeader, replay)])
        return OutgoingMessage(
            exchange: names.deadLetterExchange, routingKey: incoming.queue,
            properties: properties, body: [])
    }

    private func add(
        _ headers: [(HeaderName, FieldValue)], to properties: inout MessageProperties
    ) {
        var table = properties.headers ?? FieldTable()
        table.entries += headers.map { (key: names.header($0.0), value: $0.1) }
        properties.headers = table
    }

    private func way(
        to exchange: String, _ incoming: Incoming, _ properties: MessageProperties
    ) -> Way {
        guard properties.isPublishable else { return .rejectToDeadLetters }
        return .publish(
            OutgoingMessage(
                exchange: exchange, routingKey: incoming.queue, properties: properties,
                body: incoming.delivery.body))
    }

    /// At most `maximumDetailBytes`, cut between Unicode scalars.
    private static func bounded(_ text: String) -> String {
        guard text.utf8.count > maximumDetailBytes else { return text }
        var cut = String.UnicodeScalarView()
        var bytes = 0
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            guard bytes <= maximumDetailBytes else { break }
            cut.append(scalar)
        }
        return String(cut)
    }
}
