import RefundMessages

/// Operators.
extension Leg {
    mutating func retry(_ news: News, in context: Context) -> [Effect] {
        _ = enter(isKeySpent ? .failed : .unknown, news, in: context)
        doubt = .retried
        attempts = 0
        budgetFrom = context.now
        nextAttemptAt = context.now
        return []
    }

    mutating func askBeforeCredit(_ news: News, in context: Context) -> [Effect] {
        _ = enter(.crediting, news, in: context)
        nextAttemptAt = context.now
        return []
    }

    mutating func close(_ news: News, in context: Context) -> [Effect] {
        isClosed = true
        books.owed -= 1
        _ = enter(.failed, news, in: context)
        return [.post(.released)]
    }

    mutating func writeOff(_ news: News, in context: Context) -> [Effect] {
        let isOwed = books.payable < 0
        if isOwed { books.owed += 1 }
        _ = enter(endedState, news, in: context)
        return isOwed ? [.post(.writtenOff)] : []
    }
}
