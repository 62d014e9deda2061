/// How much of a queue a process has in its hands. Pure.
///
/// All that a dying process holds comes back, and is handled one by one. So a window is no wider than
/// what is done in a moment: a life's first one is narrow, and the full one is for handlers so
/// quick that it holds little work.
struct Window: Equatable, Sendable {
    /// Messages delivered and not yet acked.
    var prefetch: UInt16
    /// Messages handled together, at most.
    var maxBatch: Int

    /// One after the other, as a life goes on.
    var steps: [Window] {
        let narrow = Window(prefetch: max(prefetch / 8, 1), maxBatch: maxBatch / 8)
        return narrow.maxBatch > 1 ? [narrow, self] : [self]
    }
}

/// How quick a handler is, by the batches it did. Pure.
struct Pace: Sendable {
    /// A window is wide enough where it holds work for so long.
    static let longestInHand: Duration = .milliseconds(500)

    /// The least that a batch of one took: most of it is what every batch takes.
    private var shortestOfOne: Duration?

    /// Takes note of a batch.
    /// - Returns: the time of one more message in a batch; nil where that batch does not tell.
    mutating func note(messages: Int, took: Duration) -> Duration? {
        guard messages > 1 else {
            shortestOfOne = min(shortestOfOne ?? took, took)
            return nil
        }
        guard let shortestOfOne else { return took / messages }
        return max(took - shortestOfOne, .zero) / (messages - 1)
    }
}
