import RefundMessages

@testable import Orchestrator

/// A leg, what its provider may say, and a clock that the test moves.
struct LegSample {
    static let start = Instant(seconds: 1_000_000)
    static let limits = SettlementLimits(budget: 100)

    var leg = Leg(paymentID: "p-1", provider: .stripe, paymentReference: "ch_1", amount: 160)
    var now = LegSample.start
    var limits = LegSample.limits
    /// All that followed from what happened.
    var effects: [Leg.Effect] = []

    static let object = RefundObject(reference: "re_1", amount: 160, currency: "USD")
    static let other = RefundObject(reference: "re_2", amount: 160, currency: "USD")
    static let odd = RefundObject(reference: "re_1", amount: 159, currency: "USD")
    static let paid = ProviderAnswer.succeeded(object)
    static let accepted = ProviderAnswer.pending(object)
    static let action = ProviderAnswer.requiresAction(object)
    static let closed = ProviderAnswer.failed(reason: "expired_or_canceled_card", object)
    static let disputed = ProviderAnswer.failed(
        reason: "charge_for_pending_refund_disputed", object)
    static let noFunds = ProviderAnswer.failed(reason: "insufficient_funds", object)
    static let silent = ProviderAnswer.unknown(.noAnswer)
    static let away = ProviderAnswer.notNow(.notSent, retryAfter: nil)

    /// Every answer that there is, each cause of it.
    static let answers: [ProviderAnswer?] = [
        paid, .succeeded(other), .succeeded(odd), accepted, .pending(odd), action, closed,
        .failed(reason: "lost_or_stolen_card", nil), .failed(reason: "declined", nil),
        .failed(reason: "unheard_of", nil), disputed, .failed(reason: "merchant_request", object),
        noFunds, .refused(.amountNotRepresentable),
        .refused(.invalidRequest(code: "resource_missing")), .contested(.alreadyRefunded),
        .contested(.exceedsAmount), .contested(.takenByOthers), silent,
        .unknown(.serverError(500)), .unknown(.keyInUse), .unknown(.unreadable), away,
        .notNow(.rateLimited, retryAfter: 7), .notNow(.notAuthorised, retryAfter: nil), .notFound,
        nil,
    ]

    @discardableResult
    mutating func happen(_ event: LegEvent) -> [Leg.Effect] {
        let context = Leg.Context(now: now, currency: "USD", limits: limits)
        let followed = leg.apply(event, in: context)
        effects += followed
        return followed
    }

    @discardableResult
    mutating func begin() -> Leg.Call? {
        for case .call(let call) in happen(.begin) { return call }
        return nil
    }

    /// Answers the call under way, or one that nobody waits for any more.
    @discardableResult
    mutating func answer(_ answer: ProviderAnswer?, attempt: Int? = nil) -> [Leg.Effect] {
        happen(
            .answer(answer, to: leg.calling ?? .lookUp, attempt: attempt ?? leg.refundAttempt))
    }

    /// Begins, and answers what is asked.
    static func begun(_ answers: ProviderAnswer?...) -> LegSample {
        var sample = LegSample()
        sample.begin()
        for answer in answers { sample.answer(answer) }
        return sample
    }

    /// Seconds from now until the leg is driven on, nil where it is not.
    var wait: Int64? { leg.nextAttemptAt.map { $0.seconds - now.seconds } }

    var posted: [LedgerTransition] {
        effects.compactMap { if case .post(let transition) = $0 { transition } else { nil } }
    }

    var alerts: [Leg.ExceptionReason] {
        effects.compactMap { if case .alert(let reason) = $0 { reason } else { nil } }
    }
}

extension Leg.Books {
    /// What the postings amount to.
    init(of transitions: [LedgerTransition]) {
        self.init()
        for transition in transitions {
            switch transition {
            case .decided, .writtenOff: owed += 1
            case .released: owed -= 1
            case .succeeded: paid += 1
            case .reversed: paid -= 1
            case .credited: credited += 1
            }
        }
    }
}
