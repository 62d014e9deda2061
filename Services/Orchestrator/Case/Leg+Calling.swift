import RefundMessages

/// Calls.
extension Leg {
    mutating func begin(_ call: Call, in context: Context) -> [Effect] {
        attempts += 1
        calling = call
        isRepeated = call == .refund && keyUsedAt != nil
        if call == .lookUp { isNoticed = false } else { keyUsedAt = keyUsedAt ?? context.now }
        nextAttemptAt = context.now.advanced(bySeconds: context.limits.lease)
        return [.call(call)]
    }

    mutating func submit(_ news: News, in context: Context) -> [Effect] {
        _ = enter(.submitting, news, in: context)
        firstAttemptAt = context.now
        books.owed += 1
        return [.post(.decided)] + begin(.refund, in: context)
    }

    mutating func submitAgain(_ news: News, in context: Context) -> [Effect] {
        // A call whose answer went down with its process may have had its effect.
        if state == .submitting, calling == .refund { _ = enter(.unknown, news, in: context) }
        let looksUp = isNoticed || doubt != nil || isKeyOld(in: context)
        return begin(looksUp ? .lookUp : .refund, in: context)
    }

    mutating func submitAnew(_ news: News, in context: Context) -> [Effect] {
        if isNoticed || doubt != nil { return begin(.lookUp, in: context) }
        _ = enter(.submitting, news, in: context)
        refundAttempt += 1
        isKeySpent = false
        keyUsedAt = nil
        refundReference = nil
        return begin(.refund, in: context)
    }

    mutating func askSoon(in context: Context) -> [Effect] {
        isNoticed = true
        if calling == nil { nextAttemptAt = context.now }
        return []
    }

    mutating func putOff(_ news: News, in context: Context) -> [Effect] {
        nextAttemptAt =
            isAtRest
            ? checkAgain(in: context, retryAfter: news.retryAfter)
            : nextTime(in: context, retryAfter: news.retryAfter)
        return []
    }

    /// The same key again at once, or a new one where the last is spent for certain.
    mutating func tryAnewNow(in context: Context) -> [Effect] {
        doubt = nil
        nextAttemptAt = context.now
        return []
    }

    mutating func doubt(
        _ doubt: Doubt?, at time: Instant? = nil, _ news: News, in context: Context
    ) -> [Effect] {
        _ = enter(.unknown, news, in: context)
        self.doubt = doubt
        nextAttemptAt = time ?? nextTime(in: context)
        return []
    }

    mutating func waitForFunds(_ news: News, in context: Context) -> [Effect] {
        if state == .succeeded { budgetFrom = context.now }
        isKeySpent = true
        doubt = nil
        return enter(.failed, news, in: context)
    }
}
