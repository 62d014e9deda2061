import RefundMessages

/// Bounds of settling, from the configuration.
struct SettlementLimits: Sendable, Hashable {
    /// Seconds from the first attempt until an unknown leg becomes an exception.
    var budget: Int64 = 86_400
    /// Seconds from the first attempt for which a provider surely knows the key. After that the leg is
    /// only looked up: the key again could pay again.
    var keyRetention: Int64 = 23 * 3_600
    /// Seconds for which a begun call is left alone; longer than a provider's own time-out.
    var lease: Int64 = 15
    /// Seconds between attempts: doubled from the first up to the last.
    var firstRetry: Int64 = 1
    var longestRetry: Int64 = 1_800
    /// Seconds between look-ups of a pending refund, doubled likewise from `firstPoll`.
    var firstPoll: Int64 = 10

    /// 1, 2, 4 … seconds after attempt `attempts`, bounded.
    func delay(first: Int64, attempts: Int) -> Int64 {
        min(longestRetry, first << Int64(min(max(attempts - 1, 0), 20)))
    }
}

extension Leg {
    /// What to ask the provider after `begin`.
    enum Call: Sendable, Hashable { case refund, lookUp }

    /// One thing to write down because of an event.
    enum Effect: Sendable, Hashable {
        case post(LedgerTransition)
        case alert(ExceptionReason)
    }

    /// The leg is to be driven on: commits the intent before a provider is called.
    ///
    /// - Parameter takeOver: the message came again because its consumer died, so a lease that has
    ///   not run out protects nobody. The same key makes a second call harmless either way.
    /// - Returns: the call to make once this state is durable, or nil where nothing is due.
    mutating func begin(
        now: Instant, takeOver: Bool, limits: SettlementLimits
    ) -> (call: Call, effects: [Effect])? {
        switch state {
        case .succeeded, .credited, .exception:
            return nil
        case .submitting where !takeOver && (nextAttemptAt ?? now) > now:
            return nil
        case .unknown where (nextAttemptAt ?? now) > now,
            .pending where (nextAttemptAt ?? now) > now:
            return nil
        case .pending:
            attempts += 1
            nextAttemptAt = now.advanced(
                bySeconds: limits.delay(first: limits.firstPoll, attempts: attempts))
            return (.lookUp, [])
        case .planned, .submitting, .unknown:
            let isFirst = firstAttemptAt == nil
            state = .submitting
            attempts += 1
            firstAttemptAt = firstAttemptAt ?? now
            nextAttemptAt = now.advanced(bySeconds: limits.lease)
            let end = (firstAttemptAt ?? now).advanced(bySeconds: limits.keyRetention)
            return (now < end ? .refund : .lookUp, isFirst ? [.post(.decided)] : [])
        }
    }

    /// The provider answered, or was asked after a notice of its own.
    mutating func apply(
        _ answer: ProviderAnswer, currency: String, now: Instant, limits: SettlementLimits
    ) -> [Effect] {
        switch answer {
        case .succeeded(let reference, let amount, let answered):
            guard amount == self.amount && answered == currency else { return refuseAmount() }
            return succeed(reference: reference)
        case .pending(let reference, let amount, let answered):
            guard amount == self.amount && answered == currency else { return refuseAmount() }
            return wait(reference: reference, now: now, limits: limits)
        case .failed(let reason, let reference):
            return refuse(reason: reason, reference: reference, now: now, limits: limits)
        case .unknown, .notNow:
            return leaveOpen(now: now, limits: limits)
        }
    }

    private mutating func succeed(reference: String?) -> [Effect] {
        switch state {
        case .succeeded:
            return []
        case .credited:
            return fail(with: .doublePayout)
        case .exception where exceptionReason == .doublePayout:
            return []
        case .planned, .submitting, .unknown, .pending, .exception:
            state = .succeeded
            exceptionReason = nil
            refundReference = reference ?? refundReference
            nextAttemptAt = nil
            return [.post(.succeeded)]
        }
    }

    private mutating func wait(
        reference: String?, now: Instant, limits: SettlementLimits
    ) -> [Effect] {
        switch state {
        case .planned, .submitting, .unknown:
            state = .pending
            attempts = 1
            refundReference = reference ?? refundReference
            nextAttemptAt = now.advanced(bySeconds: limits.firstPoll)
        case .pending, .succeeded, .credited, .exception:
            break  // Old news, or no news.
        }
        return []
    }

    private mutating func refuse(
        reason: String, reference: String?, now: Instant, limits: SettlementLimits
    ) -> [Effect] {
        let wasPaid = state == .succeeded
        switch state {
        case .credited: return []
        case .exception where exceptionReason == .doublePayout: return []
        case .planned, .submitting, .unknown, .pending, .succeeded, .exception: break
        }
        failureReason = reason
        refundReference = reference ?? refundReference
        switch FailureHandling(reason: reason) {
        case .creditBalance:
            if wasPaid { reversals += 1 }
            state = .credited
            exceptionReason = nil
            nextAttemptAt = nil
            return (wasPaid ? [.post(.reversed)] : []) + [.post(.credited)]
        case .exception(let exception):
            if wasPaid { reversals += 1 }
            return (wasPaid ? [.post(.reversed)] : []) + fail(with: exception)
        case .waitAndRetry:
            guard !wasPaid else {
                reversals += 1
                return [.post(.reversed)] + fail(with: .attemptsSpent)
            }
            return leaveOpen(now: now, limits: limits)
        }
    }

    /// Not known, or not yet possible: the same key again later, an exception once the time is spent.
    private mutating func leaveOpen(now: Instant, limits: SettlementLimits) -> [Effect] {
        switch state {
        case .planned, .submitting, .unknown:
            let first = firstAttemptAt ?? now
            guard now < first.advanced(bySeconds: limits.budget) else {
                return fail(with: .attemptsSpent)
            }
            state = .unknown
            let delay = limits.delay(first: limits.firstRetry, attempts: attempts)
            nextAttemptAt = min(
                now.advanced(bySeconds: delay), first.advanced(bySeconds: limits.budget))
            return []
        case .pending, .succeeded, .credited, .exception:
            return []
        }
    }

    /// The provider speaks of another amount or currency than ours. Where the money has moved already
    /// that is an alert; a payout beside a credit stays what it is.
    private mutating func refuseAmount() -> [Effect] {
        switch state {
        case .succeeded: [.alert(.amountMismatch)]
        case .credited: fail(with: .doublePayout)
        case .exception where exceptionReason == .doublePayout: []
        case .planned, .submitting, .unknown, .pending, .exception: fail(with: .amountMismatch)
        }
    }

    /// No provider of that name is configured.
    mutating func refuseForLackOfProvider() -> [Effect] { fail(with: .providerNotConfigured) }

    private mutating func fail(with reason: ExceptionReason) -> [Effect] {
        guard exceptionReason != reason else { return [] }
        state = .exception
        exceptionReason = reason
        nextAttemptAt = nil
        return [.alert(reason)]
    }
}
