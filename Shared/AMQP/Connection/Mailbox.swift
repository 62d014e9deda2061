internal import Synchronization

typealias PublishResult = Result<[PublishOutcome], AMQPError>
typealias CallResult = Result<TopologyReply, AMQPError>

/// What other threads ask of a connection, in order.
enum Mail: Sendable {
    case publish(UInt64, [OutgoingMessage], CheckedContinuation<PublishResult, Never>)
    case cancelPublish(UInt64)
    case settle(ConsumerState, generation: UInt64, Settlement)
    case subscribe(ConsumerState)
    case unsubscribe(ConsumerState, CheckedContinuation<Void, Never>?)
    case stopDeliveries(ConsumerState)
    case call(UInt64, TopologyRequest, CheckedContinuation<CallResult, Never>)
    case cancelCall(UInt64)
    case snapshot(CheckedContinuation<ConnectionSnapshot?, Never>)
    /// Drain until the time given, then end.
    case close(until: Nanoseconds, CheckedContinuation<Void, Never>)
}

extension Mail {
    /// Whether it begins something that a connection on its way out will not finish.
    var asksForNewWork: Bool {
        switch self {
        case .publish, .subscribe, .call: true
        case .cancelPublish, .cancelCall, .settle, .unsubscribe, .stopDeliveries, .snapshot, .close:
            false
        }
    }
}

/// What a consumer did with deliveries.
enum Settlement: Sendable {
    case ackUpTo(UInt64)
    case ack([UInt64])
    case reject(UInt64, requeue: Bool)
}

/// Posted from any thread, read by the owner once a turn: no hop between threads for each message.
final class Mailbox: Sendable {
    private struct State {
        var mail: [Mail] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    /// - Returns: false where the connection has ended; nothing was posted then.
    func post(_ mail: Mail) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.mail.append(mail)
            return true
        }
    }

    func take() -> [Mail] {
        state.withLock { state in
            guard !state.mail.isEmpty else { return [] }
            let mail = state.mail
            state.mail = []
            return mail
        }
    }

    /// Nothing can be posted any more.
    /// - Returns: what was posted last.
    func close() -> [Mail] {
        state.withLock { state in
            state.isClosed = true
            let mail = state.mail
            state.mail = []
            return mail
        }
    }
}
