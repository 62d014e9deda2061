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
    mutating func rest(in context: Context) -> [Effect] {
        guard state != .planned, calling == nil else { return [] }
        if isAtRest { attempts = 0 }
        nextAttemptAt = nextTime(in: context)
        return []
    }

    /// Notes a state with what was said of the refund, and when to go on.
    mutating func enter(
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
