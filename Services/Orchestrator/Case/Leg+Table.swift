extension Leg {
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
