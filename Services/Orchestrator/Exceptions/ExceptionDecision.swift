import RefundMessages

/// What is to be done about an operator's wish. Pure.
enum ExceptionDecision: Sendable, Hashable {
    case perform
    /// A second person has to want the same.
    case propose
    case refuse(ExceptionRefusal)

    /// - Parameters:
    ///   - proposal: what somebody proposed of the leg as it is, if anybody did.
    ///   - needsSecond: the amount is above the limit for one person.
    static func on(
        _ action: ExceptionAction, of leg: Leg, by operatorName: String,
        proposal: ExceptionProposal?, needsSecond: Bool
    ) -> ExceptionDecision {
        let effect = leg.effect(of: action)
        guard effect.isPossible else {
            return .refuse(effect == .notAfterPayout ? .notAfterPayout : .notInException)
        }
        guard needsSecond else { return .perform }
        guard let proposal, proposal.action == action else { return .propose }
        let isSame = proposal.operatorName.lowercased() == operatorName.lowercased()
        return isSame ? .refuse(.secondPersonNeeded) : .perform
    }
}

/// Why an operator's wish is refused, as the API names it.
enum ExceptionRefusal: String, Sendable, Hashable, CaseIterable {
    case notInException = "not_in_exception"
    /// The money went out already: it cannot be credited besides.
    case notAfterPayout = "not_after_payout"
    /// Whoever proposed it cannot confirm it.
    case secondPersonNeeded = "second_person_needed"
    /// The idempotency key was used for another wish.
    case keyReused = "idempotency_key_reused"

    var sentence: String {
        switch self {
        case .notInException: "the refund is not in exception: look at it again"
        case .notAfterPayout: "the money has gone out already, so the balance is not credited"
        case .secondPersonNeeded:
            "the amount needs a second person, and you have proposed it yourself"
        case .keyReused: "the idempotency key was used for something else"
        }
    }
}

extension Leg {
    /// What an action would do to the leg as it is.
    func effect(of action: ExceptionAction) -> ExceptionActionEffect {
        guard state == .exception, let exceptionReason else { return .notInException }
        let isOverpayment = exceptionReason.isOverpayment
        switch action {
        case .retry: return isOverpayment ? .askedAgain : .triedAgain
        case .credit: return isOverpayment ? .notAfterPayout : .creditedAfterLookUp
        case .close: return isOverpayment ? .lossBorne : .closedWithoutPayment
        }
    }

    /// What a proposal was made of: it falls away when any of this changes.
    func isSameException(as other: Leg) -> Bool {
        state == other.state && exceptionReason == other.exceptionReason && amount == other.amount
            && books == other.books && refundReference == other.refundReference
            && failureReason == other.failureReason
    }
}

extension ExceptionAction {
    /// The leg's event.
    func event(by operatorName: String) -> LegEvent {
        switch self {
        case .retry: .retry(by: operatorName)
        case .credit: .credit(by: operatorName)
        case .close: .close(by: operatorName)
        }
    }
}
