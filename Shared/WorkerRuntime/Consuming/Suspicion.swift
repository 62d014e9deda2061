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
    /// Put off before, and here again for its trial. With its crashes so far.
    case suspect(crashes: Int)
    /// Came back from trial, or too often for a neighbour. With its crashes, this one included.
    case convicted(crashes: Int)

    /// Returns to the queue that a neighbour of crashes may have: the next one is put off.
    static let mostReturnsOfNeighbours = 2

    init(_ incoming: Incoming, names: RuntimeNames) {
        let crashes = MessageHistory(incoming.delivery, names: names).crashes
        switch (crashes, incoming.delivery.returns) {
        case (0, 0): self = .none
        case (0, ...Self.mostReturnsOfNeighbours): self = .unclear
        case (0, _): self = .convicted(crashes: 1)
        case (_, 0): self = .suspect(crashes: crashes)
        // However many returns: it was handled in one of these lives at most once alone.
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
