public import AMQP
public import Telemetry

/// A delivery as a handler sees it: where it first came from, and how often it was tried.
public struct Incoming: Sendable {
    /// What the broker delivered.
    public var delivery: Delivery
    /// The queue it is consumed from.
    public var queue: String
    /// Exchange of the first publication: retries through the delay queues keep it.
    public var exchange: String
    /// Routing key of the first publication, kept as the exchange is.
    public var routingKey: String
    /// Failed tries before this one; a wait is none.
    public var attempts: Int
    /// When it first failed or waited, RFC 3339; nil at its first handling.
    public var firstFailedAt: String?
    /// The W3C trace of this handling: pass it on to whatever is published because of the message.
    public var trace: TraceContext
}

/// What became of one message. A handler says it; the runtime does it.
public enum Disposition: Sendable, Hashable {
    /// Handled: acked once everything that follows from it is confirmed.
    case done
    /// A passing failure: tried again over the delay queues, first after a second, then up to half
    /// an hour apart.
    case retry(detail: String)
    /// Not a failure: what the message needs may still come. It comes back after a second (the first
    /// delay step) every time, `attempts` unchanged and `Incoming.firstFailedAt` telling since when
    /// it waits. How long is enough is the handler's to say.
    case wait(detail: String)
    /// Put away with its reason.
    case deadLetter(DeadLetter)
}

/// Why a message is put away.
public struct DeadLetter: Sendable, Hashable {
    /// A code of the contract, as `invalid_message`.
    public var reason: String
    /// JSON Pointer to the fault.
    public var path: String?
    /// One English sentence, at most 1 KiB, without data from the body.
    public var detail: String

    /// A reason of the contract, with its sentence.
    public init(reason: String, path: String? = nil, detail: String) {
        self.reason = reason
        self.path = path
        self.detail = detail
    }
}

/// What a handler made of a batch.
public struct Handled: Sendable {
    /// One for each message of the batch, in its order.
    public var dispositions: [Disposition]
    /// Published, and every mandatory one confirmed, before anything of the batch is acked.
    public var messages: [OutgoingMessage]
    /// Runs once every mandatory message is confirmed and before the acks; a throw is only logged.
    ///
    /// `refused` holds the positions in `messages` of those that were nacked, as where a subscriber's
    /// queue is full: only messages that are not mandatory, since the others are sent until they are
    /// confirmed.
    public var afterConfirm: (@Sendable (_ refused: Set<Int>) async throws -> Void)?

    /// One disposition for each message, in the batch's order.
    public init(
        dispositions: [Disposition], messages: [OutgoingMessage] = [],
        afterConfirm: (@Sendable (_ refused: Set<Int>) async throws -> Void)? = nil
    ) {
        self.dispositions = dispositions
        self.messages = messages
        self.afterConfirm = afterConfirm
    }
}

/// Handles the messages of one queue, batch by batch.
///
/// - Important: a batch may come again after any crash, whole or in part: handling is idempotent.
public protocol BatchHandler: Sendable {
    /// A throw is a passing failure of the whole batch: the runtime then handles its messages one at
    /// a time, so that one bad item cannot hurt its neighbours, and retries those that still throw.
    func handle(_ batch: [Incoming]) async throws -> Handled
}
