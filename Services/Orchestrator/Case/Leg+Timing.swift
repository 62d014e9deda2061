import RefundMessages

extension Leg {
    /// Whether the leg is to be driven on, or asked for, now.
    func isDue(now: Instant) -> Bool {
        switch stage {
        case .planned: true
        case .submitting, .unknown, .pending, .requiresAction, .failed, .crediting:
            (nextAttemptAt ?? now) <= now
        case .succeeded, .credited, .closed, .exception, .overpaid:
            nextAttemptAt.map { $0 <= now } ?? false
        }
    }

    /// Providers forget keys: then the same key could pay again.
    func isKeyOld(in context: Context) -> Bool {
        guard let keyUsedAt else { return false }
        return context.now >= keyUsedAt.advanced(bySeconds: context.limits.keyRetention)
    }

    func budgetEnd(in context: Context) -> Instant {
        (budgetFrom ?? firstAttemptAt ?? context.now).advanced(bySeconds: context.limits.budget)
    }

    /// When a leg in that state is driven on by itself.
    func nextTime(in context: Context, retryAfter: Int64? = nil) -> Instant? {
        let (now, limits) = (context.now, context.limits)
        let asked = min(max(retryAfter ?? 0, 0), limits.longestRetry)
        let retry = max(limits.delay(first: limits.firstRetry, attempts: attempts), asked)
        switch stage {
        case .planned:
            return nil
        case .submitting, .unknown:
            return min(now.advanced(bySeconds: retry), budgetEnd(in: context))
        case .failed:
            let wait = limits.delay(first: limits.firstFundsRetry, attempts: refundAttempt)
            return min(now.advanced(bySeconds: max(wait, asked)), budgetEnd(in: context))
        case .crediting:
            return now.advanced(bySeconds: retry)
        case .pending, .requiresAction:
            let poll = limits.delay(first: limits.firstPoll, attempts: attempts)
            return now.advanced(bySeconds: max(poll, asked))
        case .succeeded, .credited, .closed, .exception, .overpaid:
            return nextCheck(in: context)
        }
    }

    /// The next time that a leg at rest is asked for again. What went over the balance is in our own
    /// ledger, where nobody takes it back.
    private func nextCheck(in context: Context) -> Instant? {
        guard let restedAt, provider != .balance else { return nil }
        return context.limits.checkAges.lazy.map { restedAt.advanced(bySeconds: $0) }
            .first { $0 > context.now }
    }

    /// When a check at rest that was not answered is tried again; nil once the last was due.
    func checkAgain(in context: Context, retryAfter: Int64?) -> Instant? {
        let limits = context.limits
        guard let restedAt, let last = limits.checkAges.last,
            context.now <= restedAt.advanced(bySeconds: 2 * last)
        else { return nil }
        let wait = limits.delay(first: limits.firstPoll, attempts: attempts)
        let asked = min(max(retryAfter ?? 0, 0), limits.longestRetry)
        return context.now.advanced(bySeconds: max(wait, asked))
    }
}
