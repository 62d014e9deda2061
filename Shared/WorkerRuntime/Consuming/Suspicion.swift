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
    /// Put off before, to wait for its trial. With its crashes so far.
    case suspect(crashes: Int)
    /// To be tried now.
    case onTrial(crashes: Int)
    /// Came back from its trial, or too often for a neighbour: to be put off. With its crashes, this one
    /// included.
    case convicted(crashes: Int)

    /// Returns to the queue that a neighbour of a crash may have: what comes back once more was alone
    /// in hand as a rule, and is put off.
    static let mostReturnsOfNeighbours = 1

    init(_ incoming: Incoming, names: RuntimeNames) {
        let history = MessageHistory(incoming.delivery, names: names)
        let crashes = history.crashes
        switch (crashes, incoming.delivery.returns) {
        case (0, 0): self = .none
        case (0, ...Self.mostReturnsOfNeighbours): self = .unclear
        case (0, _): self = .convicted(crashes: 1)
        case (_, 0):
            self = history.isOnTrial ? .onTrial(crashes: crashes) : .suspect(crashes: crashes)
        // It came back while it waited in somebody's hand.
        case _ where !history.isOnTrial: self = .convicted(crashes: crashes)
        // However many returns: it was handled in one of these lives at most.
        default: self = .convicted(crashes: crashes + 1)
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
