import RefundMessages

extension Leg {
    /// Does what the table says.
    mutating func perform(_ news: News, in context: Context) -> [Effect] {
        switch Self.move(on: news.trigger, in: stage) {
        case .stay: return rest(in: context)
        case .impossible: return [.impossible(news.trigger)]
        case .refuse: return [.refuse]
        case .submit: return submit(news, in: context)
        case .submitAgain: return submitAgain(news, in: context)
        case .submitAnew: return submitAnew(news, in: context)
        case .ask: return begin(.lookUp, in: context)
        case .askSoon: return askSoon(in: context)
        case .askFirst: return doubt(.contested, at: context.now, news, in: context)
        case .putOff: return putOff(news, in: context)
        case .tryAnewNow: return tryAnewNow(in: context)
        case .doubt: return doubt(news.mayBeStored ? .answerStored : doubt, news, in: context)
        case .waitForFunds: return waitForFunds(news, in: context)
        case .accept: return enter(.pending, news, in: context)
        case .requireAction: return enter(.requiresAction, news, in: context)
        case .succeed: return succeed(news, in: context)
        case .credit: return credit(news, in: context)
        case .giveUp: return giveUp(news, in: context)
        case .takeBackAndCredit: return takeBack() + credit(news, in: context)
        case .takeBackAndWait: return takeBack() + waitForFunds(news, in: context)
        case .takeBackAndGiveUp: return takeBack() + giveUp(news, in: context)
        case .withdraw: return withdraw(news, in: context)
        case .overpay: return overpay(news, in: context)
        case .flagOverpaid: return giveUp(news, in: context)
        case .alertOfAmount: return rest(in: context) + [.alert(.amountMismatch)]
        case .retry: return retry(news, in: context)
        case .askBeforeCredit: return askBeforeCredit(news, in: context)
        case .close: return close(news, in: context)
        case .writeOff: return writeOff(news, in: context)
        }
    }

    /// Nothing changes but when it is asked for again.
    private mutating func rest(in context: Context) -> [Effect] {
        guard state != .planned, calling == nil else { return [] }
        if isAtRest { attempts = 0 }
        nextAttemptAt = nextTime(in: context)
        return []
    }

    /// Notes a state with what was said of the refund, and when to go on.
    private mutating func enter(
        _ next: State, _ news: News, in context: Context
    ) -> [Effect] {
        let isOther = state != next
        state = next
        refundReference = news.object?.reference ?? refundReference
        failureReason = news.failureReason ?? failureReason
        if next != .exception { exceptionReason = nil }
        if next != .submitting, next != .unknown, next != .failed {
            doubt = nil
            if isOther { attempts = 0 }
        }
        if isOther { restedAt = isAtRest ? context.now : nil }
        record(news, in: context)
        nextAttemptAt = nextTime(in: context)
        return []
    }
}

/// Calls.
extension Leg {
    private mutating func begin(_ call: Call, in context: Context) -> [Effect] {
        attempts += 1
        calling = call
        if call == .lookUp { isNoticed = false } else { keyUsedAt = keyUsedAt ?? context.now }
        nextAttemptAt = context.now.advanced(bySeconds: context.limits.lease)
        return [.call(call)]
    }

    private mutating func submit(_ news: News, in context: Context) -> [Effect] {
        _ = enter(.submitting, news, in: context)
        firstAttemptAt = context.now
        books.owed += 1
        return [.post(.decided)] + begin(.refund, in: context)
    }

    private mutating func submitAgain(_ news: News, in context: Context) -> [Effect] {
        // A call whose answer went down with its process may have had its effect.
        if state == .submitting, calling == .refund { _ = enter(.unknown, news, in: context) }
        let looksUp = isNoticed || doubt != nil || isKeyOld(in: context)
        return begin(looksUp ? .lookUp : .refund, in: context)
    }

    private mutating func submitAnew(_ news: News, in context: Context) -> [Effect] {
        if isNoticed || doubt != nil { return begin(.lookUp, in: context) }
        _ = enter(.submitting, news, in: context)
        refundAttempt += 1
        isKeySpent = false
        keyUsedAt = nil
        refundReference = nil
        return begin(.refund, in: context)
    }

    private mutating func askSoon(in context: Context) -> [Effect] {
        isNoticed = true
        if calling == nil { nextAttemptAt = context.now }
        return []
    }

    private mutating func putOff(_ news: News, in context: Context) -> [Effect] {
        nextAttemptAt =
            isAtRest
            ? checkAgain(in: context, retryAfter: news.retryAfter)
            : nextTime(in: context, retryAfter: news.retryAfter)
        return []
    }

    /// The same key again at once, or a new one where the last is spent for certain.
    private mutating func tryAnewNow(in context: Context) -> [Effect] {
        doubt = nil
        nextAttemptAt = context.now
        return []
    }

    private mutating func doubt(
        _ doubt: Doubt?, at time: Instant? = nil, _ news: News, in context: Context
    ) -> [Effect] {
        _ = enter(.unknown, news, in: context)
        self.doubt = doubt
        nextAttemptAt = time ?? nextTime(in: context)
        return []
    }

    private mutating func waitForFunds(_ news: News, in context: Context) -> [Effect] {
        if state == .succeeded { budgetFrom = context.now }
        isKeySpent = true
        doubt = nil
        return enter(.failed, news, in: context)
    }
}

/// Ends, and what comes after them.
extension Leg {
    private mutating func succeed(_ news: News, in context: Context) -> [Effect] {
        books.paid += 1
        failureReason = nil
        _ = enter(.succeeded, news, in: context)
        return [.post(.succeeded)]
    }

    /// Through `failed` and `crediting` in one transaction: see `State.crediting`.
    private mutating func credit(_ news: News, in context: Context) -> [Effect] {
        books.credited += 1
        _ = enter(.credited, news, in: context)
        return [.post(.credited)]
    }

    private mutating func giveUp(_ news: News, in context: Context) -> [Effect] {
        guard let reason = news.exception else { return [.impossible(news.trigger)] }
        if news.isDefinite { isKeySpent = true }
        guard state != .exception || exceptionReason != reason else { return rest(in: context) }
        var news = news
        // What the customer was told of the leg stands.
        if reason.isOverpayment { news.object = nil }
        exceptionReason = reason
        _ = enter(.exception, news, in: context)
        return [.alert(reason)]
    }

    private mutating func takeBack() -> [Effect] {
        books.paid -= 1
        reversals += 1
        return [.post(.reversed)]
    }

    /// A definite failure after the leg's end: takes back what was paid besides, if anything was.
    private mutating func withdraw(_ news: News, in context: Context) -> [Effect] {
        // Of two payouts under two ids, which one failed is for an operator to find out.
        guard isClosed || books.credited > 0 else { return rest(in: context) }
        var effects = books.paid > 0 ? takeBack() : []
        if books.payable > 0 {
            books.owed -= 1
            effects.append(.post(.released))
        }
        if stage == .overpaid { _ = enter(endedState, news, in: context) }
        return effects + rest(in: context)
    }

    private mutating func overpay(_ news: News, in context: Context) -> [Effect] {
        books.paid += 1
        return [.post(.succeeded)] + giveUp(news, in: context)
    }

    /// What an overpaid leg was before.
    private var endedState: State {
        isClosed ? .failed : books.credited > 0 ? .credited : .succeeded
    }
}

/// Operators.
extension Leg {
    private mutating func retry(_ news: News, in context: Context) -> [Effect] {
        _ = enter(isKeySpent ? .failed : .unknown, news, in: context)
        doubt = .retried
        attempts = 0
        budgetFrom = context.now
        nextAttemptAt = context.now
        return []
    }

    private mutating func askBeforeCredit(_ news: News, in context: Context) -> [Effect] {
        _ = enter(.crediting, news, in: context)
        nextAttemptAt = context.now
        return []
    }

    private mutating func close(_ news: News, in context: Context) -> [Effect] {
        isClosed = true
        books.owed -= 1
        _ = enter(.failed, news, in: context)
        return [.post(.released)]
    }

    private mutating func writeOff(_ news: News, in context: Context) -> [Effect] {
        let isOwed = books.payable < 0
        if isOwed { books.owed += 1 }
        _ = enter(endedState, news, in: context)
        return isOwed ? [.post(.writtenOff)] : []
    }
}

extension Leg {
    /// Changes of state kept: the first of them and the latest.
    static let firstEntries = 4
    static let latestEntries = 28

    private mutating func record(_ news: News, in context: Context) {
        if let last = history.last, last.state == state, news.by == nil,
            last.trigger == news.trigger.rawValue
        {
            return
        }
        history.append(
            Entry(at: context.now, trigger: news.trigger.rawValue, state: state, by: news.by))
        if history.count > Self.firstEntries + Self.latestEntries {
            history.remove(at: Self.firstEntries)
        }
    }
}

extension Leg.News {
    /// The provider said for certain that it has not paid and will not under this key.
    fileprivate var isDefinite: Bool {
        trigger == .blocked || trigger == .refused || trigger == .takenByOthers
            || (trigger == .budgetSpent && failureReason != nil)
    }
}
