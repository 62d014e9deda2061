/// What a connection holds at this moment: for tests, and for looking into a process.
package struct ConnectionSnapshot: Sendable, Hashable {
    /// Channel numbers in use.
    package var channels: Int
    /// Publish calls that wait for their end.
    package var publishes: Int
    /// Messages sent and not answered by the broker.
    package var unanswered: Int
    /// Topology calls that wait for their end.
    package var calls: Int
    /// Subscriptions, live or not.
    package var subscriptions: Int
    /// Deliveries that are not settled, those not yet taken included.
    package var held: Int
    /// Whether it is on its way out: what is new is refused.
    package var isClosing: Bool
}

extension Connection {
    var snapshot: ConnectionSnapshot {
        ConnectionSnapshot(
            channels: channels.dropFirst().count { $0 != nil }, publishes: publishWaiters.count,
            unanswered: publishing.unansweredMessages, calls: calls.count,
            subscriptions: subscriptions.count,
            held: subscriptions.values.reduce(0) { $0 + $1.tracker.held },
            isClosing: closing != nil)
    }
}

extension Broker {
    /// What the publishing and the consuming connection hold; nil after their end.
    package func snapshots() async -> (
        publishing: ConnectionSnapshot?, consuming: ConnectionSnapshot?
    ) {
        (await publishing.snapshot(), await consuming.snapshot())
    }

    /// How often each owner thread has woken up. Asking does not wake it.
    package var turns: (publishing: UInt64, consuming: UInt64) {
        (publishing.flags.turns, consuming.flags.turns)
    }
}
