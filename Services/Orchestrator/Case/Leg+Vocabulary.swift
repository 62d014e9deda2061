extension Leg {
    /// The states, with the two told apart that are ends or not: `failed` and `exception`.
    enum Stage: Sendable, Hashable, CaseIterable {
        case planned, submitting, unknown, pending, requiresAction
        /// Failed, and to be tried anew.
        case failed
        /// Failed for good: closed by an operator.
        case closed
        case succeeded, crediting, credited
        case exception
        /// In exception since it was paid after its end.
        case overpaid
    }

    var stage: Stage {
        switch state {
        case .planned: .planned
        case .submitting: .submitting
        case .unknown: .unknown
        case .pending: .pending
        case .requiresAction: .requiresAction
        case .succeeded: .succeeded
        case .failed: isClosed ? .closed : .failed
        case .crediting: .crediting
        case .credited: .credited
        case .exception: exceptionReason?.isOverpayment == true ? .overpaid : .exception
        }
    }

    /// What can happen to a leg.
    enum Trigger: String, Sendable, Hashable, CaseIterable {
        /// Its time has come.
        case due
        case paid
        /// A success that is in the books already.
        case stillPaid = "still_paid"
        /// A success under another id than the one in the books: a second payout.
        case paidAgain = "paid_again"
        case accepted
        case actionRequired = "action_required"
        /// A definite failure of the customer's method.
        case failed
        /// A definite failure that is ours to mend: no funds.
        case noFunds = "no_funds"
        /// A definite failure that an operator must look into: a dispute, the merchant's cancellation.
        case blocked
        /// A definite failure, again, of what an operator wants tried anew.
        case stillFailed = "still_failed"
        /// The provider cannot take the request as it is.
        case refused
        /// The provider's amount or currency is not ours.
        case otherAmount = "other_amount"
        /// The payment is refunded already, or too little is left of it.
        case contested
        /// The same, looked up: others took it.
        case takenByOthers = "taken_by_others"
        case unknown
        /// Nothing happened, try again.
        case notNow = "not_now"
        case notFound = "not_found"
        case noProvider = "no_provider"
        /// No answer that decides, and the time or number for trying is over.
        case budgetSpent = "budget_spent"
        /// News of the provider, not yet believed.
        case noticed
        case operatorRetry = "operator_retry"
        case operatorCredit = "operator_credit"
        case operatorClose = "operator_close"
    }

    /// What a leg does about it: `Leg+Moves`.
    enum Move: Sendable, Hashable, CaseIterable {
        case stay
        /// Cannot be: nothing moves, and somebody is told.
        case impossible
        /// An operator may not do that here.
        case refuse
        // Calls.
        case submit, submitAgain, submitAnew, ask, askSoon, askFirst, putOff, tryAnewNow
        // Ends.
        case accept, requireAction, succeed, credit, giveUp, close
        // Late news.
        case takeBackAndCredit, takeBackAndWait, takeBackAndGiveUp, withdraw
        case overpay, flagOverpaid, alertOfAmount
        // Still on the way.
        case doubt, waitForFunds, retry, askBeforeCredit, writeOff
    }
}
