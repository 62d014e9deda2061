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

    /// The one place that decides what happens in each state: every pair, impossible ones included.
    static func move(on trigger: Trigger, in stage: Stage) -> Move {
        switch trigger {
        case .due:
            switch stage {
            case .planned: .submit
            case .submitting, .unknown: .submitAgain
            case .failed: .submitAnew
            case .pending, .requiresAction, .crediting: .ask
            case .succeeded, .credited, .closed, .exception, .overpaid: .ask
            }
        case .paid:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown, .pending, .requiresAction, .failed: .succeed
            case .crediting, .exception: .succeed
            case .credited, .closed: .overpay
            case .succeeded: .impossible
            case .overpaid: .stay
            }
        case .stillPaid:
            switch stage {
            case .succeeded, .overpaid: .stay
            // An overpayment that was written off.
            case .credited, .closed: .stay
            case .planned, .submitting, .unknown, .pending, .requiresAction, .failed, .crediting,
                .exception:
                .impossible
            }
        case .paidAgain:
            switch stage {
            case .succeeded, .credited, .closed: .flagOverpaid
            case .overpaid: .stay
            case .planned, .submitting, .unknown, .pending, .requiresAction, .failed, .crediting,
                .exception:
                .impossible
            }
        case .accepted:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown, .requiresAction, .failed, .crediting, .exception: .accept
            case .pending, .succeeded, .credited, .closed, .overpaid: .stay
            }
        case .actionRequired:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown, .pending, .failed, .crediting, .exception: .requireAction
            case .requiresAction, .succeeded, .credited, .closed, .overpaid: .stay
            }
        case .failed:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown, .pending, .requiresAction, .failed: .credit
            case .crediting, .exception: .credit
            case .succeeded: .takeBackAndCredit
            case .credited, .closed, .overpaid: .withdraw
            }
        case .noFunds:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown, .pending, .requiresAction, .exception: .waitForFunds
            case .failed: .stay
            case .crediting: .credit
            case .succeeded: .takeBackAndWait
            case .credited, .closed, .overpaid: .withdraw
            }
        case .blocked:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown, .pending, .requiresAction, .failed, .exception: .giveUp
            case .crediting: .credit
            case .succeeded: .takeBackAndGiveUp
            case .credited, .closed, .overpaid: .withdraw
            }
        case .stillFailed:
            switch stage {
            case .failed: .tryAnewNow
            case .planned, .submitting, .unknown, .pending, .requiresAction, .crediting,
                .succeeded, .credited, .closed, .exception, .overpaid:
                .impossible
            }
        case .refused:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown, .failed: .giveUp
            case .crediting: .credit
            case .pending, .requiresAction: .putOff
            case .succeeded, .credited, .closed, .exception, .overpaid: .stay
            }
        case .otherAmount:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown, .pending, .requiresAction, .failed: .giveUp
            case .crediting, .exception: .giveUp
            case .succeeded: .alertOfAmount
            case .credited, .closed: .flagOverpaid
            case .overpaid: .stay
            }
        case .contested:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown: .askFirst
            case .pending, .requiresAction, .failed, .crediting: .putOff
            case .succeeded, .credited, .closed, .exception, .overpaid: .stay
            }
        case .takenByOthers:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown, .failed, .exception: .giveUp
            case .crediting: .credit
            case .pending, .requiresAction: .putOff
            case .succeeded, .credited, .closed, .overpaid: .stay
            }
        case .unknown:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown: .doubt
            case .pending, .requiresAction, .failed, .crediting: .putOff
            case .succeeded, .credited, .closed, .exception, .overpaid: .putOff
            }
        case .notNow:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown, .pending, .requiresAction, .failed, .crediting: .putOff
            case .succeeded, .credited, .closed, .exception, .overpaid: .putOff
            }
        case .notFound:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown: .tryAnewNow
            case .pending, .requiresAction, .failed: .putOff
            case .crediting: .credit
            case .succeeded, .credited, .closed, .exception, .overpaid: .stay
            }
        case .noProvider:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown, .pending, .requiresAction, .failed: .giveUp
            case .crediting: .credit
            case .succeeded, .credited, .closed, .exception, .overpaid: .putOff
            }
        case .budgetSpent:
            switch stage {
            case .planned: .impossible
            case .submitting, .unknown, .failed: .giveUp
            case .crediting: .credit
            case .pending, .requiresAction: .putOff
            case .succeeded, .credited, .closed, .exception, .overpaid: .putOff
            }
        case .noticed:
            switch stage {
            case .planned: .stay
            case .submitting, .unknown, .pending, .requiresAction, .failed, .crediting: .askSoon
            case .succeeded, .credited, .closed, .exception, .overpaid: .askSoon
            }
        case .operatorRetry:
            switch stage {
            case .exception: .retry
            case .overpaid: .askSoon
            case .planned, .submitting, .unknown, .pending, .requiresAction, .failed, .crediting,
                .succeeded, .credited, .closed:
                .refuse
            }
        case .operatorCredit:
            switch stage {
            case .exception: .askBeforeCredit
            case .planned, .submitting, .unknown, .pending, .requiresAction, .failed, .crediting,
                .succeeded, .credited, .closed, .overpaid:
                .refuse
            }
        case .operatorClose:
            switch stage {
            case .exception: .close
            case .overpaid: .writeOff
            case .planned, .submitting, .unknown, .pending, .requiresAction, .failed, .crediting,
                .succeeded, .credited, .closed:
                .refuse
            }
        }
    }
}
