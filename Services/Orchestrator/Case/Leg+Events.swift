import RefundMessages

/// What happens to a leg.
enum LegEvent: Sendable, Hashable {
    /// It is driven on, if it is due: commits the intent before a provider is called. Its next due
    /// time is its lease: until then it is in the hands of whoever began it, also where the message
    /// comes again to another instance.
    case begin
    /// The provider answered that call of that refund; nil where no such provider is configured.
    case answer(ProviderAnswer?, to: Leg.Call, attempt: Int)
    /// The provider, or somebody in its name, says that something happened.
    case noticed
    /// An operator wants an exception tried again with a fresh budget, looked up first.
    case retry(by: String)
    /// An operator wants the balance credited; the provider is asked first.
    case credit(by: String)
    /// An operator wants it closed without payment, or an overpayment borne.
    case close(by: String)
}

extension Leg {
    /// One thing to do because of an event, once the new state is durable.
    enum Effect: Sendable, Hashable {
        case call(Call)
        case post(LedgerTransition)
        case alert(ExceptionReason)
        /// The event cannot be in this state: nothing moved.
        case impossible(Trigger)
        /// An operator may not do that now.
        case refuse
    }

    /// All that a decision depends on besides the leg.
    struct Context: Sendable, Hashable {
        var now: Instant
        /// Of the order.
        var currency: String
        var limits: SettlementLimits
    }

    /// What an event amounts to: its trigger, with what was said.
    struct News: Sendable, Hashable {
        var trigger: Trigger
        var object: RefundObject?
        var failureReason: String?
        var exception: ExceptionReason?
        /// The answer may be stored under the key: a look-up goes before the same key again.
        var mayBeStored = false
        /// Seconds to be left alone for.
        var retryAfter: Int64?
        /// The operator.
        var by: String?

        /// Not even the key is known to the provider.
        var isWithoutEffect: Bool { trigger == .notNow || trigger == .noProvider }
    }

    /// Takes what happened: changes the leg and says what follows.
    mutating func apply(_ event: LegEvent, in context: Context) -> [Effect] {
        switch event {
        case .begin:
            guard isDue(now: context.now) else { return [] }
            return perform(News(trigger: .due), in: context)
        case .answer(let answer, let call, let attempt):
            let news = news(of: answer, to: call, in: context)
            // A success counts whichever refund it is of; else what became of an earlier one is known.
            let isCurrent = attempt == refundAttempt
            guard isCurrent || news.trigger == .paid || news.trigger == .paidAgain else {
                return []
            }
            if isCurrent { calling = nil }
            if news.isWithoutEffect, state == .submitting { keyUsedAt = nil }
            let effects = perform(news, in: context)
            // A repeated call is answered as it was the first time: the provider is asked how it is.
            if isCurrent {
                if isRepeated, news.object != nil { isNoticed = true }
                isRepeated = false
            }
            if isNoticed, state != .planned { nextAttemptAt = context.now }
            return effects
        case .noticed:
            return perform(News(trigger: .noticed), in: context)
        case .retry(let by):
            return perform(News(trigger: .operatorRetry, by: by), in: context)
        case .credit(let by):
            return perform(News(trigger: .operatorCredit, by: by), in: context)
        case .close(let by):
            return perform(News(trigger: .operatorClose, by: by), in: context)
        }
    }
}

extension Leg {
    private func news(
        of answer: ProviderAnswer?, to call: Call, in context: Context
    ) -> News {
        guard let answer else {
            return News(trigger: .noProvider, exception: .providerNotConfigured)
        }
        switch answer {
        case .succeeded(let object):
            guard books.paid > 0 else { return told(.paid, object, in: context) }
            let isSecond = refundReference.map { $0 != object.reference } ?? false
            return told(isSecond ? .paidAgain : .stillPaid, object, in: context)
        case .pending(let object): return told(.accepted, object, in: context)
        case .requiresAction(let object): return told(.actionRequired, object, in: context)
        case .failed(let reason, let object): return failure(reason, object, in: context)
        case .refused(.amountNotRepresentable):
            return stillFailed ?? News(trigger: .refused, exception: .amountNotRepresentable)
        case .refused(.invalidRequest(let code)):
            return stillFailed
                ?? News(trigger: .refused, failureReason: code, exception: .invalidRequest)
        case .contested(.takenByOthers):
            return News(trigger: .takenByOthers, exception: .takenByOthers)
        case .contested(.alreadyRefunded), .contested(.exceedsAmount):
            return News(trigger: .contested)
        case .unknown(let cause):
            return undecided(
                News(trigger: .unknown, mayBeStored: call == .refund && cause.mayBeStored),
                in: context)
        case .notNow(_, let retryAfter):
            return undecided(News(trigger: .notNow, retryAfter: retryAfter), in: context)
        case .notFound where call == .lookUp:
            return notFound(in: context)
        case .notFound:
            return undecided(News(trigger: .unknown), in: context)
        }
    }

    /// The provider's amount and currency must equal ours.
    private func told(_ trigger: Trigger, _ object: RefundObject, in context: Context) -> News {
        guard object.amount == amount, object.currency == context.currency else {
            let isEnded = books.credited > 0
            return News(
                trigger: .otherAmount, object: object,
                exception: isClosed
                    ? .paidAfterClose : isEnded ? .doublePayout : .amountMismatch)
        }
        return News(
            trigger: trigger, object: object,
            exception: isClosed ? .paidAfterClose : .doublePayout)
    }

    private func failure(_ reason: String, _ object: RefundObject?, in context: Context) -> News {
        var news = News(trigger: .failed, object: object, failureReason: reason)
        switch FailureHandling(reason: reason) {
        case .creditBalance:
            return news
        case .waitForFunds:
            if let stillFailed { return stillFailed }
            news.trigger = .noFunds
            return undecided(news, in: context)
        case .exception(let exception):
            if let stillFailed { return stillFailed }
            news.trigger = .blocked
            news.exception = exception
            return news
        }
    }

    /// What was refused before an operator's retry is refused still: the next attempt may begin.
    private var stillFailed: News? {
        stage == .failed && doubt == .retried ? News(trigger: .stillFailed) : nil
    }

    private func notFound(in context: Context) -> News {
        if let stillFailed { return stillFailed }
        let isOpen = state == .submitting || state == .unknown
        // Where the key again could pay again, or was refused, nothing but finding it helps.
        let isStuck = isOpen && (doubt == .contested || isKeyOld(in: context))
        return undecided(News(trigger: isStuck ? .unknown : .notFound), in: context)
    }

    /// The same, unless the time or number for trying is over.
    private func undecided(_ news: News, in context: Context) -> News {
        let isOver =
            switch stage {
            case .submitting, .unknown, .failed: context.now >= budgetEnd(in: context)
            case .exception: news.trigger == .noFunds && context.now >= budgetEnd(in: context)
            case .crediting: attempts >= context.limits.asksBeforeCredit
            case .planned, .pending, .requiresAction, .succeeded, .credited, .closed, .overpaid:
                false
            }
        guard isOver else { return news }
        return News(
            trigger: .budgetSpent, object: news.object, failureReason: news.failureReason,
            exception: .attemptsSpent)
    }
}

extension UnknownCause {
    /// Whether the provider may repeat the same answer for the same key.
    fileprivate var mayBeStored: Bool {
        switch self {
        case .serverError, .unreadable: true
        case .noAnswer, .keyInUse: false
        }
    }
}
