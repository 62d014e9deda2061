/// Publishes with confirms on a connection of its own.
///
/// Calls may overlap: their messages share the window and are confirmed together. Messages of one
/// call go out in order, calls in the order in which they were made.
public struct Publisher: Sendable {
    let link: Connection

    /// Publishes all, and returns when each was confirmed, returned or refused, was lost with the
    /// connection, or the time (`confirmTimeout`) is over: one outcome for each, in order.
    ///
    /// It waits while the broker blocks publishing or is away. Nothing is ever sent twice: what to
    /// do with `.unconfirmed` is the caller's to decide. Cancelling the task ends the wait; what
    /// was sent stays sent, and is `.unconfirmed`.
    /// - Throws: ``AMQPError`` with `invalidMessage` before anything is sent; `notConnected`,
    ///   `timedOut`, `cancelled` or `closed` where nothing was sent; `notFound` (no such exchange)
    ///   or `accessRefused` where the broker closed the channel over a message of this or a
    ///   simultaneous call: each message of the batch may or may not have arrived then.
    ///
    /// Where an instrument is in force (`InstrumentationSystem`) the call is a span, and each message
    /// carries its context in the headers, unless it has a `traceparent` already.
    public func publish(_ messages: [OutgoingMessage]) async throws(AMQPError) -> [PublishOutcome] {
        guard isTracing, !messages.isEmpty else { return try await send(messages) }
        let span = PublishSpan(messages)
        do throws(AMQPError) {
            let outcomes = try await send(span.injected(messages))
            span.end(outcomes)
            return outcomes
        } catch {
            span.end(error)
            throw error
        }
    }

    private func send(_ messages: [OutgoingMessage]) async throws(AMQPError) -> [PublishOutcome] {
        for message in messages {
            try message.check(
                frameBytes: Int(Wire.frameBytes), maxTableDepth: link.configuration.maxTableDepth)
        }
        return try await link.publish(messages).get()
    }
}
