/// Why a message cannot or may not be processed: the header `refund-reason` of a dead letter.
public enum DeadLetterReason: String, Sendable, Hashable, CaseIterable {
    case malformedJSON = "malformed_json"
    case invalidMessage = "invalid_message"
    case unsupportedType = "unsupported_type"
    case tooLarge = "too_large"
    case tooDeep = "too_deep"
    case requestedAtInFuture = "requested_at_in_future"
    case requestedAtTooOld = "requested_at_too_old"
    case unknownLine = "unknown_line"
    case requestConflict = "request_conflict"
    case conflictsWithRefund = "conflicts_with_refund"
    case notInReview = "not_in_review"
    case amountTooHigh = "amount_too_high"
    case unsupportedEncoding = "unsupported_encoding"
    case unroutable
    case retriesExhausted = "retries_exhausted"
    case deliveryLimit = "delivery_limit"
    case expired
    case overflow
    case notAuthorised = "not_authorised"
}

/// A fault in a message: why it is refused, where the fault is, and one sentence about it.
public struct MessageFault: Error, Sendable, Hashable {
    /// The code.
    public var reason: DeadLetterReason
    /// JSON Pointer (RFC 6901) to the fault, nil where no place can be named.
    public var path: String?
    /// One English sentence, at most 1 KiB, without data from the body.
    public var detail: String

    /// From its parts.
    public init(_ reason: DeadLetterReason, path: String? = nil, _ detail: String) {
        self.reason = reason
        self.path = path
        self.detail = detail
    }
}
