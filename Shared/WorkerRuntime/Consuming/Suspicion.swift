import AMQP

/// Whether a message may be one that ends the process which handles it. Pure.
///
/// A process that dies returns all it held, and the broker counts that for each: most of them are
/// innocent. So the count says little until the message was alone in hand; only what happens then is
/// held against it, in a header of ours.
enum Suspicion: Equatable {
    /// Delivered for the first time.
    case none
    /// Came back, as neighbours of a crash do: handled alone.
    case unclear
    /// May have ended a process: it waits for its trial. With the ends that it is held responsible for.
    case suspect(crashes: Int)
    /// To be tried now.
    case onTrial(crashes: Int)
    /// To be put off at once: it came back too often to wait any longer, or is to be put away.
    case convicted(crashes: Int)

    /// Returns to the queue that a neighbour of a crash may have: what comes back once more was alone
    /// in hand as a rule.
    static let mostReturnsOfNeighbours = 1
    /// Returns of what waits for its trial, far from the broker's limit of 20: a copy begins anew.
    static let mostReturnsOfSuspects = 5

    init(_ incoming: Incoming, names: RuntimeNames) {
        let history = MessageHistory(incoming.delivery, names: names)
        let returns = incoming.delivery.returns
        switch (history.crashes, returns) {
        case (0, 0): self = .none
        case (0, ...Self.mostReturnsOfNeighbours): self = .unclear
        case (let crashes, 0) where history.isOnTrial: self = .onTrial(crashes: crashes)
        case (let crashes, _):
            // However often it came back from its trial: it was handled in one of these lives at most.
            let held = crashes == 0 || history.isOnTrial ? crashes + 1 : crashes
            let mayWait =
                held < FailureMessages.mostCrashes && returns <= Self.mostReturnsOfSuspects
            self = mayWait ? .suspect(crashes: held) : .convicted(crashes: held)
        }
    }
}

extension Delivery {
    /// How often it came back to its queue unsettled, by the broker's own count; 1 where it came back
    /// and nobody counts. A first delivery's header is a publisher's and means nothing.
    var returns: Int {
        guard redelivered else { return 0 }
        return max(1, properties.headers?["x-delivery-count"]?.integer ?? 1)
    }
}
