import AMQP

/// What the consumers of one process share, since its end is the end of them all: whoever handles what
/// may end it lets go what any of them has on trial, and waits for the copies of all.
struct Isolation: Sendable {
    let trials = Trials()
    let seclusion: Seclusion

    /// - Parameter queue: one of theirs; the broker is asked for it where only the answer counts.
    init(_ broker: Broker, asking queue: String) {
        seclusion = Seclusion { [topology = broker.topology()] in
            _ = try? await topology.checkQueue(queue)
        }
    }
}
