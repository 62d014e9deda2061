/// Why money could be neither paid nor safely sent elsewhere, as `refundctl exceptions` and the metrics
/// name it. Each has one sentence in `Wording`, for the people who work it off.
public enum SettlementExceptionReason: String, Sendable, Hashable, CaseIterable {
    /// The provider gave no answer that decides, for as long as the budget lasts.
    case attemptsSpent = "attempts_spent"
    /// The customer disputes the payment with the bank.
    case disputed
    /// The refund was cancelled on our side at the provider.
    case refusedByMerchant = "refused_by_merchant"
    case providerNotConfigured = "provider_not_configured"
    /// The provider speaks of another amount or currency than ours.
    case amountMismatch = "amount_mismatch"
    /// Refunds that are not ours took what this one would have paid.
    case takenByOthers = "taken_by_others"
    /// The provider's currency has no such amount.
    case amountNotRepresentable = "amount_not_representable"
    /// The provider cannot take the request as it is.
    case invalidRequest = "invalid_request"
    /// Paid out after it had been settled another way, or twice.
    case doublePayout = "double_payout"
    /// Paid out after an operator had closed it without payment.
    case paidAfterClose = "paid_after_close"
}

/// What an operator can do about an exception.
public enum ExceptionAction: String, Sendable, Hashable, CaseIterable {
    /// The refund is tried again, looked up first.
    case retry
    /// The account balance is credited instead, once the provider was asked.
    case credit
    /// Nothing is paid, or what was paid too much is borne.
    case close
}

/// What an action would do to an exception as it is now. Each has one sentence in `Wording`.
public enum ExceptionActionEffect: String, Sendable, Hashable, CaseIterable {
    case triedAgain = "tried_again"
    /// Paid out already: only the provider is asked again.
    case askedAgain = "asked_again"
    case creditedAfterLookUp = "credited_after_look_up"
    case closedWithoutPayment = "closed_without_payment"
    case lossBorne = "loss_borne"
    /// Not possible: the money went out already.
    case notAfterPayout = "not_after_payout"
    /// Not possible: the refund is not in exception.
    case notInException = "not_in_exception"
}
