import RefundMessages
import Testing

@testable import Orchestrator

@Suite("A leg goes the way the provider's answers say, and money moves once")
struct LegTests {
    static let now = Instant(seconds: 1_000_000)
    static let limits = SettlementLimits(budget: 10, lease: 15)
    static let paid = ProviderAnswer.succeeded(reference: "re_1", amount: 160, currency: "USD")
    static let accepted = ProviderAnswer.pending(reference: "re_1", amount: 160, currency: "USD")
    static let closed = ProviderAnswer.failed(reason: "expired_or_canceled_card", reference: "re_1")
    static let disputed = ProviderAnswer.failed(
        reason: "charge_for_pending_refund_disputed", reference: "re_1")
    static let silent = ProviderAnswer.unknown(detail: "time-out")

    static func leg() -> Leg {
        Leg(paymentID: "p-1", provider: .sandbox, paymentReference: "card_ok_1", amount: 160)
    }

    struct Course: Sendable, CustomTestStringConvertible {
        var name: String
        var answers: [ProviderAnswer]
        var state: Leg.State
        var postings: [LedgerTransition]
        var alerts: [Leg.ExceptionReason] = []
        var testDescription: String { name }
    }

    static let courses: [Course] = [
        Course(name: "paid", answers: [paid], state: .succeeded, postings: [.decided, .succeeded]),
        Course(
            name: "paid, told twice", answers: [paid, paid], state: .succeeded,
            postings: [.decided, .succeeded]),
        Course(
            name: "GEN-5 a closed card", answers: [closed], state: .credited,
            postings: [.decided, .credited]),
        Course(
            name: "GEN-5 closed, told twice", answers: [closed, closed], state: .credited,
            postings: [.decided, .credited]),
        Course(
            name: "GEN-5 a time-out is no failure", answers: [silent], state: .unknown,
            postings: [.decided]),
        Course(
            name: "unknown, then paid", answers: [silent, paid], state: .succeeded,
            postings: [.decided, .succeeded]),
        Course(
            name: "accepted, then paid", answers: [accepted, paid], state: .succeeded,
            postings: [.decided, .succeeded]),
        Course(
            name: "accepted, then failed", answers: [accepted, closed], state: .credited,
            postings: [.decided, .credited]),
        Course(
            name: "paid, then taken back", answers: [paid, closed], state: .credited,
            postings: [.decided, .succeeded, .reversed, .credited]),
        Course(
            name: "paid, old news of acceptance", answers: [paid, accepted], state: .succeeded,
            postings: [.decided, .succeeded]),
        Course(
            name: "a dispute never goes to the balance", answers: [disputed], state: .exception,
            postings: [.decided], alerts: [.disputed]),
        Course(
            name: "a success after the credit alerts", answers: [closed, paid], state: .exception,
            postings: [.decided, .credited], alerts: [.doublePayout]),
        Course(
            name: "no money on our side waits",
            answers: [.failed(reason: "insufficient_funds", reference: nil)], state: .unknown,
            postings: [.decided]),
        Course(
            name: "another amount than ours",
            answers: [.succeeded(reference: "re_1", amount: 159, currency: "USD")],
            state: .exception, postings: [.decided], alerts: [.amountMismatch]),
        Course(
            name: "another currency than ours",
            answers: [.pending(reference: "re_1", amount: 160, currency: "JPY")],
            state: .exception, postings: [.decided], alerts: [.amountMismatch]),
    ]

    @Test(arguments: courses)
    func `answers lead to one state, each step posted once`(_ course: Course) throws {
        var leg = Self.leg()
        let begun = leg.begin(now: Self.now, takeOver: false, limits: Self.limits)
        var effects = try #require(begun).effects
        for answer in course.answers {
            effects += leg.apply(answer, currency: "USD", now: Self.now, limits: Self.limits)
        }
        #expect(leg.state == course.state)
        #expect(
            effects == course.postings.map(Leg.Effect.post) + course.alerts.map(Leg.Effect.alert))
        #expect(leg.route == (course.state == .credited ? .balance : .original))
    }

    @Test func `a begun call is left alone until its lease is over or its consumer died`() throws {
        var leg = Self.leg()
        _ = leg.begin(now: Self.now, takeOver: false, limits: Self.limits)
        let later = Self.now.advanced(bySeconds: 14)
        let early = leg.begin(now: later, takeOver: false, limits: Self.limits)
        #expect(early?.call == nil)
        var taken = leg
        let takenOver = taken.begin(now: later, takeOver: true, limits: Self.limits)
        #expect(takenOver?.call == .refund)
        let over = Self.now.advanced(bySeconds: 15)
        let begun = leg.begin(now: over, takeOver: false, limits: Self.limits)
        let again = try #require(begun)
        #expect(again.call == .refund)
        #expect(again.effects.isEmpty, "the decision is posted once")
    }

    @Test func `an unknown leg is tried at growing intervals and then is an exception`() throws {
        var leg = Self.leg()
        var now = Self.now
        var delays: [Int64] = []
        var alerts: [Leg.Effect] = []
        while leg.state != .exception {
            let begun = leg.begin(now: now, takeOver: false, limits: Self.limits)
            try #require(begun?.call != nil)
            alerts += leg.apply(Self.silent, currency: "USD", now: now, limits: Self.limits)
            guard let next = leg.nextAttemptAt else { break }
            let early = leg.begin(now: now, takeOver: false, limits: Self.limits)
            #expect(early?.call == nil)
            delays.append(next.seconds - now.seconds)
            now = next
        }
        #expect(delays == [1, 2, 4, 3])
        #expect(alerts == [.alert(.attemptsSpent)])
        let late = leg.apply(Self.paid, currency: "USD", now: now, limits: Self.limits)
        #expect(late == [.post(.succeeded)], "a late success resolves it")
    }

    @Test func `a pending leg is asked for, not refunded again`() throws {
        var leg = Self.leg()
        _ = leg.begin(now: Self.now, takeOver: false, limits: Self.limits)
        _ = leg.apply(Self.accepted, currency: "USD", now: Self.now, limits: Self.limits)
        let early = leg.begin(now: Self.now, takeOver: true, limits: Self.limits)
        #expect(early?.call == nil)
        let due = try #require(leg.nextAttemptAt)
        let begun = leg.begin(now: due, takeOver: false, limits: Self.limits)
        #expect(begun?.call == .lookUp)
    }

    @Test(arguments: [(23 * 3_600 - 1, Leg.Call.refund), (23 * 3_600, .lookUp)])
    func `a key that the provider may have forgotten is only looked up`(
        _ seconds: Int, _ call: Leg.Call
    ) {
        var leg = Self.leg()
        let limits = SettlementLimits(budget: 30 * 86_400)
        _ = leg.begin(now: Self.now, takeOver: false, limits: limits)
        let later = Self.now.advanced(bySeconds: Int64(seconds))
        let begun = leg.begin(now: later, takeOver: true, limits: limits)
        #expect(begun?.call == call)
    }

    @Test func `another amount after the end alerts and moves nothing`() {
        let odd = ProviderAnswer.succeeded(reference: "re_1", amount: 1, currency: "USD")
        for (first, state) in [(Self.paid, Leg.State.succeeded), (Self.closed, .exception)] {
            var leg = Self.leg()
            _ = leg.begin(now: Self.now, takeOver: false, limits: Self.limits)
            _ = leg.apply(first, currency: "USD", now: Self.now, limits: Self.limits)
            let effects = leg.apply(odd, currency: "USD", now: Self.now, limits: Self.limits)
            #expect(effects.count == 1)
            #expect(leg.state == state)
        }
    }

    /// Every answer in every order, up to five of them: the invariants of a payment.
    @Test func `no order of answers pays twice or forgets the balance`() {
        let answers = [Self.paid, Self.accepted, Self.closed, Self.disputed, Self.silent]
        for length in 1...5 {
            for number in 0..<Int(pow5(length)) {
                var leg = Self.leg()
                var effects =
                    leg.begin(now: Self.now, takeOver: false, limits: Self.limits)?.effects ?? []
                var rest = number
                for _ in 0..<length {
                    effects += leg.apply(
                        answers[rest % 5], currency: "USD", now: Self.now, limits: Self.limits)
                    rest /= 5
                }
                let posted = effects.map { effect in
                    switch effect {
                    case .post(.succeeded), .post(.credited): 1
                    case .post(.reversed): -1
                    default: 0
                    }
                }.reduce(0, +)
                let isDouble = leg.exceptionReason == .doublePayout
                #expect(posted == (leg.isSettled || isDouble ? 1 : 0), "order \(number)")
                #expect((0...1).contains(posted), "order \(number)")
            }
        }
    }

    private func pow5(_ exponent: Int) -> Int { (0..<exponent).reduce(1) { power, _ in power * 5 } }
}
