import RefundMessages

/// Ends, and what comes after them.
extension Leg {
    mutating func succeed(_ news: News, in context: Context) -> [Effect] {
        books.paid += 1
        failureReason = nil
        _ = enter(.succeeded, news, in: context)
        return [.post(.succeeded)]
    }

    /// Through `failed` and `crediting` in one transaction: see `State.crediting`.
    mutating func credit(_ news: News, in context: Context) -> [Effect] {
        books.credited += 1
        _ = enter(.credited, news, in: context)
        return [.post(.credited)]
    }

    mutating func giveUp(_ news: News, in context: Context) -> [Effect] {
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

    mutating func takeBack() -> [Effect] {
        books.paid -= 1
        reversals += 1
        return [.post(.reversed)]
    }

    /// A definite failure after the leg's end: takes back what was paid besides, if anything was.
    mutating func withdraw(_ news: News, in context: Context) -> [Effect] {
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

    mutating func overpay(_ news: News, in context: Context) -> [Effect] {
        books.paid += 1
        return [.post(.succeeded)] + giveUp(news, in: context)
    }

    /// What an overpaid leg was before.
    var endedState: State {
        isClosed ? .failed : books.credited > 0 ? .credited : .succeeded
    }
}

extension Leg.News {
    /// The provider said for certain that it has not paid and will not under this key.
    fileprivate var isDefinite: Bool {
        trigger == .blocked || trigger == .refused || trigger == .takenByOthers
            || (trigger == .budgetSpent && failureReason != nil)
    }
}
