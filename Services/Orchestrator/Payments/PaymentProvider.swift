import RefundMessages

/// What is asked of a provider: one leg's refund.
struct ProviderRefund: Sendable, Hashable {
    /// The idempotency key: the leg's id.
    var key: String
    /// The provider's reference of the original payment.
    var paymentReference: String
    /// Minor units.
    var amount: Int64
    var currency: String
}

/// What is known after asking a provider.
enum ProviderAnswer: Sendable, Hashable {
    case succeeded(reference: String?, amount: Int64, currency: String)
    case pending(reference: String?, amount: Int64, currency: String)
    /// A definite negative: nothing was or will be paid for this key.
    case failed(reason: String, reference: String?)
    /// Whether anything happened is not known: a timeout, a reset, a 5xx, an unreadable answer.
    case unknown(detail: String)
    /// Nothing happened, and asking again may help: 429, or no connection.
    case notNow(detail: String)
}

/// A payment provider. Calls are bounded in time by the provider itself and never throw: what went
/// wrong is an answer.
protocol PaymentProvider: Sendable {
    /// Refunds under `refund.key`; the same key again has no second effect.
    func refund(_ refund: ProviderRefund) async -> ProviderAnswer

    /// What became of the refund under that key. `unknown` where the provider finds nothing, since
    /// an empty look-up proves nothing.
    func lookUp(_ refund: ProviderRefund) async -> ProviderAnswer
}

/// How a definite failure is handled, by the provider's reason.
enum FailureHandling: Sendable, Hashable {
    case creditBalance
    case waitAndRetry
    case exception(Leg.ExceptionReason)

    /// Reasons are Stripe's `failure_reason` values, which the sandbox speaks too. What nobody
    /// listed is a failure of the customer's method, and goes to the balance (GEN-5).
    init(reason: String) {
        switch reason {
        case "insufficient_funds": self = .waitAndRetry
        case "charge_for_pending_refund_disputed": self = .exception(.disputed)
        case "merchant_request": self = .exception(.refusedByMerchant)
        default: self = .creditBalance
        }
    }
}
