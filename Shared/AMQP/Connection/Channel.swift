/// A channel in use. Confined to the owner thread, as everything of this file.
final class Channel {
    enum Role {
        case publishing
        case subscription(Subscription)
        case call(Call)
    }

    let role: Role
    var assembler = ContentAssembler()

    init(role: Role) { self.role = role }
}

/// The way of the publishing channel; there is one, and it is reopened after the broker closed it.
enum PublishChannel: Hashable {
    case closed(until: Nanoseconds)
    case opening
    case selecting
    case open
}

/// A consumer as its connection sees it.
final class Subscription {
    let consumer: ConsumerState
    var machine: SubscriptionMachine
    var tracker = AckTracker()
    var channel: UInt16?
    /// Grows with every new subscription at the broker: tags of an older one mean nothing.
    var generation: UInt64 = 0
    /// Delivered in this turn.
    var arrived: [Delivery] = []
    var cancelWaiters: [CheckedContinuation<Void, Never>] = []
    /// What was last said about why it does not consume.
    var lastFailure = ""
    var isDraining = false
    /// No delivery follows, since ``Consumer/stopDeliveries()``: it ends once all is settled.
    var endsWhenSettled = false
    /// Delivered when nobody took any more: held, but never to be settled.
    var abandoned = 0

    init(_ consumer: ConsumerState, backoff: Backoff) {
        self.consumer = consumer
        machine = SubscriptionMachine(
            source: consumer.source, prefetch: consumer.prefetch, backoff: backoff)
    }

    /// Whether the broker may deliver as much again as is held.
    var hasRoom: Bool { tracker.held * 2 <= Int(consumer.prefetch) }

    /// Whether somebody has deliveries that can still be settled.
    var isBeingHandled: Bool { machine.state == .live && tracker.held > abandoned }
}

/// A topology request under way.
final class Call {
    let id: UInt64
    var machine: CallMachine
    var continuation: CheckedContinuation<CallResult, Never>?
    var channel: UInt16?

    init(
        _ id: UInt64, _ machine: CallMachine, _ continuation: CheckedContinuation<CallResult, Never>
    ) {
        self.id = id
        self.machine = machine
        self.continuation = continuation
    }
}
