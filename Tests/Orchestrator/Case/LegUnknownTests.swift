import RefundMessages
import Testing

@testable import Orchestrator

@Suite("Unknown is not failed: each doubt has its own way out")
struct LegUnknownTests {
    typealias Sample = LegSample

    @Test func `refused before anything was sent: the same key later, and nothing is in doubt`() {
        var sample = Sample.begun(Sample.away)
        #expect(sample.leg.state == .submitting)
        #expect(sample.wait == 1)
        // The provider has not seen the key, so it does not age.
        sample.limits.budget = 30 * 86_400
        sample.now.seconds += 24 * 3_600
        #expect(sample.begin() == .refund)
    }

    @Test func `a time-out or reset after sending: the same key again`() {
        var sample = Sample.begun(Sample.silent)
        #expect(sample.leg.state == .unknown)
        sample.now.seconds += 1
        #expect(sample.begin() == .refund)
        #expect(sample.leg.refundAttempt == 1)
    }

    @Test(arguments: [UnknownCause.serverError(500), .serverError(503), .unreadable])
    func `an answer that may be stored under the key: looked up, then the same key`(
        _ cause: UnknownCause
    ) {
        var sample = Sample.begun(.unknown(cause))
        sample.now.seconds += 1
        #expect(sample.begin() == .lookUp)
        var found = sample
        found.answer(Sample.paid)
        #expect(found.leg.state == .succeeded)
        sample.answer(.notFound)
        #expect(sample.wait == 0, "nothing found, the key again at once")
        #expect(sample.begin() == .refund)
        #expect(sample.leg.refundAttempt == 1)
    }

    @Test func `a key in use: the same key again`() {
        var sample = Sample.begun(.unknown(.keyInUse))
        sample.now.seconds += 1
        #expect(sample.begin() == .refund)
    }

    @Test func `too many requests: not before the provider says so`() {
        var sample = Sample.begun(.notNow(.rateLimited, retryAfter: 30))
        #expect(sample.leg.state == .submitting)
        sample.now.seconds += 29
        #expect(sample.begin() == nil)
        sample.now.seconds += 1
        #expect(sample.begin() == .refund)
        let forever = Sample.begun(.notNow(.rateLimited, retryAfter: .max))
        #expect(forever.wait == Sample.limits.budget, "no provider puts us off for ever")
    }

    @Test func `an empty look-up proves nothing`() {
        var sample = Sample.begun(.unknown(.serverError(500)), .notFound)
        #expect(sample.leg.state == .unknown)
        sample.begin()
        sample.answer(.notFound)
        #expect(sample.posted == [.decided])
    }

    @Test func `a crash between the provider's success and our commit: the same key tells`() {
        var sample = Sample()
        sample.begin()
        sample.now.seconds += 15
        #expect(sample.begin() == .refund)
        #expect(sample.leg.state == .unknown)
        sample.answer(Sample.paid)
        #expect(sample.posted == [.decided, .succeeded])
    }

    @Test(arguments: [(23 * 3_600 - 1, Leg.Call.refund), (23 * 3_600, .lookUp)])
    func `a key that the provider may have forgotten is only looked up`(
        _ age: Int64, _ call: Leg.Call
    ) {
        var sample = Sample.begun(Sample.silent)
        sample.limits.budget = 30 * 86_400
        sample.now.seconds += age
        #expect(sample.begin() == call)
        sample.answer(call == .refund ? Sample.silent : .notFound)
        sample.now.seconds += 60
        #expect(sample.begin() == .lookUp, "an old key is never used again")
    }

    @Test(arguments: [Contest.alreadyRefunded, .exceedsAmount])
    func `refunded already, or too little left: our own is looked for before deciding`(
        _ contest: Contest
    ) {
        var sample = Sample.begun(Sample.silent)
        sample.now.seconds += 1
        sample.begin()
        sample.answer(.contested(contest))
        #expect(sample.leg.state == .unknown)
        #expect(sample.begin() == .lookUp)
        var ours = sample
        ours.answer(Sample.paid)
        #expect(ours.posted == [.decided, .succeeded])
        var others = sample
        others.answer(.contested(.takenByOthers))
        #expect(others.leg.exceptionReason == .takenByOthers)
        #expect(others.posted == [.decided], "never the balance")
        sample.answer(.notFound)
        #expect(sample.leg.state == .unknown)
        sample.now.seconds += 60
        #expect(sample.begin() == .lookUp, "an empty list decides nothing, nor does the key again")
    }

    static let undecided: [ProviderAnswer] = [
        Sample.silent, .unknown(.serverError(500)), .unknown(.keyInUse), .unknown(.unreadable),
        Sample.away, .notNow(.rateLimited, retryAfter: 5),
        .notNow(.notAuthorised, retryAfter: nil), .notFound, .contested(.exceedsAmount),
        Sample.noFunds,
    ]

    @Test(arguments: undecided.indices)
    func `time alone makes an exception of it, and never a failure`(_ index: Int) {
        let answer = Self.undecided[index]
        var sample = Sample()
        var calls = 0
        while sample.leg.state != .exception, calls < 1_000 {
            #expect(sample.begin() != nil)
            calls += 1
            sample.answer(sample.leg.calling == .lookUp ? .notFound : answer)
            #expect(sample.leg.books == Leg.Books(owed: 1), "nothing moves")
            guard sample.leg.state != .exception, let next = sample.leg.nextAttemptAt else {
                break
            }
            sample.now = max(sample.now, next)
        }
        #expect(sample.leg.exceptionReason == .attemptsSpent)
        #expect(sample.now.seconds - Sample.start.seconds == Sample.limits.budget)
        #expect(sample.alerts == [.attemptsSpent])
        // It is asked for still, and a late success resolves it.
        sample.now.seconds += 3_600
        #expect(sample.begin() == .lookUp)
        #expect(sample.answer(Sample.paid) == [.post(.succeeded)])
    }

    @Test func `intervals grow`() {
        var sample = Sample()
        var waits: [Int64] = []
        while sample.leg.state != .exception, waits.count < 20 {
            sample.begin()
            sample.answer(Sample.silent)
            guard sample.leg.state == .unknown, let wait = sample.wait else { break }
            waits.append(wait)
            sample.now.seconds += wait
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 37])
    }

    @Test func `no funds of ours: a new key after a definite failure, and only then`() {
        var sample = Sample.begun(Sample.noFunds)
        #expect(sample.leg.state == .failed)
        #expect(sample.wait == 60)
        sample.answer(Sample.noFunds)
        sample.now.seconds += 60
        #expect(sample.begin() == .refund)
        #expect(sample.leg.refundAttempt == 2)
        // The same news of the first attempt again changes nothing of the second.
        #expect(sample.answer(Sample.noFunds, attempt: 1).isEmpty)
        #expect(sample.leg.refundAttempt == 2 && sample.leg.state == .submitting)
        sample.answer(.succeeded(Sample.other))
        #expect(sample.posted == [.decided, .succeeded])
        // The first attempt was paid after all: never silent.
        sample.answer(Sample.paid, attempt: 1)
        #expect(sample.alerts == [.doublePayout])
    }

    @Test func `a notice is believed only once the provider says the same`() {
        for answer in [Sample.silent, Sample.paid, Sample.accepted] {
            var sample = Sample.begun(answer)
            let before = sample.leg
            sample.happen(.noticed)
            #expect(sample.leg.state == before.state && sample.leg.books == before.books)
            #expect(sample.begin() == .lookUp, "at once")
            sample.answer(Sample.closed)
            #expect(sample.leg.state == .credited)
        }
    }

    @Test func `a notice while a call is under way is asked for after its answer`() {
        var sample = Sample()
        sample.begin()
        sample.happen(.noticed)
        #expect(sample.begin() == nil)
        sample.answer(Sample.paid)
        #expect(sample.leg.state == .succeeded)
        #expect(sample.begin() == .lookUp)
        sample.answer(Sample.closed)
        #expect(sample.posted == [.decided, .succeeded, .reversed, .credited])
    }

    @Test func `a notice of what was never handed over asks nobody`() {
        var sample = Sample()
        sample.happen(.noticed)
        #expect(sample.leg == Sample().leg)
    }
}
