import RefundMessages

/// The part of a refund that goes back over one payment: the amount, the way it takes, and how far
/// it has come. Pure: the world's answers come in as events, the changes go out as values.
///
/// *Unknown is not failed*: only a definite negative releases a leg to the balance (GEN-5).
struct Leg: Sendable, Hashable {
    enum State: String, Sendable, Hashable, CaseIterable {
        /// Decided, nothing handed over: a revised result may still replace it.
        case planned
        /// Intent, amount and key are committed; a provider is, or was, being called.
        case submitting
        /// The call's effect is not known; the same key is tried again when `nextAttemptAt` comes.
        case unknown
        /// The provider has accepted the refund and not finished it.
        case pending
        case succeeded
        /// The original method failed for certain; the account balance was credited (GEN-5).
        case credited
        /// Neither paid nor safely rerouted: an operator must act.
        case exception
    }

    enum ExceptionReason: String, Sendable, Hashable, CaseIterable {
        case attemptsSpent = "attempts_spent"
        case disputed
        case refusedByMerchant = "refused_by_merchant"
        case providerNotConfigured = "provider_not_configured"
        case amountMismatch = "amount_mismatch"
        /// A success that came after the balance was credited.
        case doublePayout = "double_payout"
    }

    var paymentID: String
    var provider: PaymentProviderName
    /// The provider's reference of the original payment.
    var paymentReference: String
    /// Minor units, above 0.
    var amount: Int64
    var state: State = .planned
    /// Calls begun so far.
    var attempts: Int = 0
    var firstAttemptAt: Instant?
    /// When the leg is to be driven on, nil where nothing is awaited.
    var nextAttemptAt: Instant?
    /// The provider's id of the refund.
    var refundReference: String?
    var failureReason: String?
    var exceptionReason: ExceptionReason?
    /// How often a reported success was taken back.
    var reversals: Int = 0

    init(paymentID: String, provider: PaymentProviderName, paymentReference: String, amount: Int64)
    {
        self.paymentID = paymentID
        self.provider = provider
        self.paymentReference = paymentReference
        self.amount = amount
    }

    var route: RefundOutcome.Leg.Route { state == .credited ? .balance : .original }

    var isSettled: Bool { state == .succeeded || state == .credited }

    /// Whether the leg was handed to its provider: from then on a revised result only alerts.
    var isHandedOver: Bool { state != .planned }

    var status: RefundOutcome.Leg.Status {
        switch state {
        case .planned, .submitting, .unknown, .pending: .pending
        case .succeeded, .credited: .succeeded
        case .exception: .exception
        }
    }
}
