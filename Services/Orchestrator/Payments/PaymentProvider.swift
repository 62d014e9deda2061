/// A payment provider. Calls are bounded in time by the provider itself (below the lease of a leg,
/// `SettlementLimits.lease`) and never throw: what went wrong is an answer.
protocol PaymentProvider: Sendable {
    /// Refunds under `refund.key`; the same key again has no second effect.
    func refund(_ refund: ProviderRefund) async -> ProviderAnswer

    /// What became of the refund under that key: by its `refundReference` where that is known, else
    /// by the key it was made with. Finding nothing is `notFound`, which proves nothing.
    func lookUp(_ refund: ProviderRefund) async -> ProviderAnswer
}

/// What is asked of a provider: one leg's refund.
struct ProviderRefund: Sendable, Hashable {
    /// The leg's id: goes along with the refund, so that it can be found without its key.
    var legID: String
    /// 1 for the first. A further one follows a definite failure of ours to mend only: the failed
    /// refund has used its key up.
    var attempt: Int = 1
    /// The provider's reference of the original payment.
    var paymentReference: String
    /// The provider's id of this refund, where it is known.
    var refundReference: String?
    /// Minor units.
    var amount: Int64
    var currency: String

    /// The idempotency key, which tells the attempts of a leg apart. A leg's id holds no `#`.
    var key: String { attempt == 1 ? legID : "\(legID)#\(attempt)" }
}

/// A refund as its provider has it.
struct RefundObject: Sendable, Hashable {
    /// The provider's id of the refund.
    var reference: String
    /// Minor units.
    var amount: Int64
    var currency: String
}

/// What is known after asking a provider.
enum ProviderAnswer: Sendable, Hashable {
    case succeeded(RefundObject)
    /// Accepted, and not finished.
    case pending(RefundObject)
    /// Accepted, and waits for the customer to do something.
    case requiresAction(RefundObject)
    /// A definite negative: under this key nothing is or will be paid. With the provider's reason.
    case failed(reason: String, RefundObject?)
    /// The request itself cannot be: nothing happened, the same again does not help, and the
    /// customer's method is not to blame.
    case refused(Refusal)
    /// The payment has nothing left for this refund: perhaps because our own was made before.
    case contested(Contest)
    /// Whether anything happened is not known.
    case unknown(UnknownCause)
    /// Nothing happened for certain, and asking again may help.
    ///
    /// - Parameter retryAfter: seconds the provider asks to be left alone for.
    case notNow(NotNowCause, retryAfter: Int64?)
    /// A look-up found nothing. That proves nothing: the refund may show later.
    case notFound
}

/// Why a request can never be carried out as it is.
enum Refusal: Sendable, Hashable {
    /// The provider's currency has no such amount; it is never rounded.
    case amountNotRepresentable
    /// The payment's reference is none, or the provider does not know it; or any other fault of the
    /// request. With the provider's code.
    case invalidRequest(code: String)
}

/// What of the payment is gone.
enum Contest: Sendable, Hashable {
    /// Refused: the payment is refunded in full already.
    case alreadyRefunded
    /// Refused: more than is left of the payment.
    case exceedsAmount
    /// Looked up to the end: refunds of others took the money, and none is ours.
    case takenByOthers
}

/// Why the effect of a call is not known.
enum UnknownCause: Sendable, Hashable {
    /// A time-out or a reset after the request was, or may have been, sent.
    case noAnswer
    /// A status of 500 and above, which the provider may repeat for the same key.
    case serverError(Int)
    /// 409: another call with the same key is under way.
    case keyInUse
    /// An answer that cannot be read, or has no refund's id.
    case unreadable
}

/// Why a call had no effect; the same again later may have one.
enum NotNowCause: Sendable, Hashable {
    /// Refused before anything was sent: no connection, no address.
    case notSent
    /// 429.
    case rateLimited
    /// 401 or 403: the provider does not take our credentials.
    case notAuthorised
}
