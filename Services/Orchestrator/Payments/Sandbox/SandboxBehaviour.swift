/// What the sandbox does with a refund, chosen by the start of the payment's reference, so that every
/// path can be seen without a real card.
enum SandboxBehaviour: String, Sendable, Hashable, CaseIterable {
    case ok = "card_ok"
    case closed = "card_closed"
    case pending = "card_pending"
    case failsLater = "card_fails_later"
    case reversed = "card_reversed"
    case timeout = "card_timeout"
    case serverError = "card_5xx"
    case rateLimited = "card_429"
    case disputed = "card_disputed"
    case unknown = "card_unknown"

    /// What nobody listed succeeds.
    init(reference: String) {
        self = Self.allCases.first { reference.hasPrefix($0.rawValue) } ?? .ok
    }

    /// Calls that have no effect yet.
    var refusals: Int64 { self == .serverError || self == .rateLimited ? 2 : 0 }

    /// The refund as it is once it was made, and what it turns into later.
    var made: (status: SandboxStatus, later: SandboxStatus?) {
        switch self {
        case .ok, .timeout, .serverError, .rateLimited, .unknown: (.succeeded, nil)
        case .closed: (.failed("expired_or_canceled_card"), nil)
        case .disputed: (.failed("charge_for_pending_refund_disputed"), nil)
        case .pending: (.pending, .succeeded)
        case .failsLater: (.pending, .failed("expired_or_canceled_card"))
        case .reversed: (.succeeded, .failed("expired_or_canceled_card"))
        }
    }
}

/// The state of a refund at the sandbox.
enum SandboxStatus: Sendable, Hashable {
    case pending, succeeded
    /// With the provider's reason.
    case failed(String)

    /// As stored: `pending`, `succeeded`, or the reason of the failure.
    var name: String {
        switch self {
        case .pending: "pending"
        case .succeeded: "succeeded"
        case .failed(let reason): reason
        }
    }

    init(name: String) {
        switch name {
        case "pending": self = .pending
        case "succeeded": self = .succeeded
        default: self = .failed(name)
        }
    }
}
