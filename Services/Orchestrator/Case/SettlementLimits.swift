import RefundMessages

/// Bounds of settling, in seconds; the budget is from the configuration.
struct SettlementLimits: Sendable, Hashable {
    /// From the first attempt, or an operator's retry, until a leg that nothing decides becomes an
    /// exception.
    var budget: Int64 = 86_400
    /// From the first call for which a provider surely knows the key. After that the leg is only
    /// looked up: the key again could pay again.
    var keyRetention: Int64 = 23 * 3_600
    /// For which a begun call is left alone; longer than a provider's own time-out.
    var lease: Int64 = 15
    /// Between attempts: doubled from the first up to the longest, which bounds a provider's own
    /// `Retry-After` too.
    var firstRetry: Int64 = 1
    var longestRetry: Int64 = 1_800
    /// Between look-ups of a pending refund, doubled likewise.
    var firstPoll: Int64 = 10
    /// Between attempts while there are no funds on our side, doubled likewise.
    var firstFundsRetry: Int64 = 60
    /// Look-ups before an operator's credit is posted though the provider gave no answer.
    var asksBeforeCredit = 3
    /// Ages at which a leg that has come to rest is asked for again: providers take refunds back.
    var checkAges: [Int64] = [
        3_600, 6 * 3_600, 86_400, 3 * 86_400, 7 * 86_400, 14 * 86_400, 30 * 86_400,
    ]

    /// 1, 2, 4 … times `first` after attempt `attempts`, bounded.
    func delay(first: Int64, attempts: Int) -> Int64 {
        min(longestRetry, first << Int64(min(max(attempts - 1, 0), 20)))
    }
}

/// How a definite failure is handled, by the provider's reason.
enum FailureHandling: Sendable, Hashable {
    case creditBalance
    case waitForFunds
    case exception(Leg.ExceptionReason)

    /// Reasons are Stripe's `failure_reason` values, which the sandbox speaks too. What is not ours
    /// to mend is a failure of the customer's method, and goes to the balance (GEN-5):
    /// `expired_or_canceled_card`, `lost_or_stolen_card`, `declined`, `unknown`, and what nobody
    /// listed.
    init(reason: String) {
        switch reason {
        case "insufficient_funds": self = .waitForFunds
        case "charge_for_pending_refund_disputed": self = .exception(.disputed)
        case "merchant_request": self = .exception(.refusedByMerchant)
        default: self = .creditBalance
        }
    }
}
