/// The names the runtime uses on the broker. They are the topology's and the contract's: every
/// service of one system uses the same.
public struct RuntimeNames: Sendable {
    /// The exchange of a delay step is this and the step: `refund.delay.30s`.
    public var delayExchangePrefix = "refund.delay."
    /// Takes what cannot be processed, with the routing key of its queue.
    public var deadLetterExchange = "refund.dead-letters"
    /// Start of every header of ours.
    public var headerPrefix = "refund-"
    /// Reason of a message that was retried for more than a day.
    public var exhaustedReason = "retries_exhausted"
    /// Reason of a message that ended its process too often, as of those the broker gives up.
    public var crashedReason = "delivery_limit"

    /// Type of a message that holds several.
    public var bundleType = "refund.bundle.v1"
    /// Reason of a bundle, or of a line in one, that cannot be read.
    public var unreadableReason = "invalid_message"

    /// On a message that the dead-letter service sent again: which replay it is.
    public var replayHeader = "refund-replay"
    /// Type of the word that a replayed message was processed.
    public var processedType = "refund.replayed.v1"

    /// The contract's names.
    public init() {}

    func header(_ name: HeaderName) -> String { headerPrefix + name.rawValue }
}

/// Headers of ours, without their prefix.
enum HeaderName: String, CaseIterable {
    /// On every message that failed once: on retries and on dead letters.
    case attempts
    case firstFailedAt = "first-failed-at"
    case exchange
    case routingKey = "routing-key"
    /// A table: what would have changed the broker's handling of the copy.
    case original

    /// On dead letters only.
    case reason, detail, path, queue, consumer
    case lastFailedAt = "last-failed-at"

    /// On a message that is suspected of ending processes: how often it did so while nothing else
    /// was in hand, and one for what came before.
    case crashes
    /// On such a message when it comes back for its trial: only an end of the process then is held
    /// against it.
    case trial

    /// Those that a retry carries.
    static let ofRetries: [HeaderName] = [
        .attempts, .firstFailedAt, .exchange, .routingKey, .original, .crashes, .trial,
    ]
}
