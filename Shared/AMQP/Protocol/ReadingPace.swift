/// When the socket of a busy consumer is read again. Pure.
///
/// A broker sends deliveries in bursts of a few, and waking two threads for each burst costs more
/// than all that is done with it. So where deliveries crowd in, the socket is left alone for a
/// moment, and what comes meanwhile is one batch. What comes slower never waits.
struct ReadingPace {
    /// Deliveries within one ``period`` that make a crowd.
    static let crowd = 32
    /// From one reading to the next while there is a crowd: what a delivery waits, at most.
    static let period: Nanoseconds = 1_000_000

    /// Nothing is read before.
    private(set) var restsUntil: Nanoseconds = 0
    private var since: Nanoseconds = 0
    private var arrived = 0

    /// What was read at `now`.
    /// - Parameter hasRoom: whether the broker may send as much again before anything is settled;
    ///   otherwise it is waited for already.
    mutating func read(_ deliveries: Int, hasRoom: Bool, now: Nanoseconds) {
        if now >= since + Self.period { (since, arrived) = (now, 0) }
        arrived += deliveries
        guard arrived >= Self.crowd, hasRoom else { return }
        restsUntil = since + Self.period
    }
}
