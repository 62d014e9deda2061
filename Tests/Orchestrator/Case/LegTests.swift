import RefundMessages
import Testing

@testable import Orchestrator

@Suite("A leg goes the way the provider's answers say, and money moves once")
struct LegTests {
    typealias Sample = LegSample

    struct Course: Sendable, CustomTestStringConvertible {
        var name: String
        var answers: [ProviderAnswer?]
        var state: Leg.State
        var postings: [LedgerTransition]
        var alerts: [Leg.ExceptionReason] = []
        var testDescription: String { name }
    }

    static let courses: [Course] = [
        Course(
            name: "paid", answers: [Sample.paid], state: .succeeded,
            postings: [.decided, .succeeded]),
        Course(
            name: "paid, told twice", answers: [Sample.paid, Sample.paid], state: .succeeded,
            postings: [.decided, .succeeded]),
        Course(
            name: "GEN-5 a closed card", answers: [Sample.closed], state: .credited,
            postings: [.decided, .credited]),
        Course(
            name: "GEN-5 a lost or stolen card",
            answers: [.failed(reason: "lost_or_stolen_card", nil)], state: .credited,
            postings: [.decided, .credited]),
        Course(
            name: "GEN-5 declined", answers: [.failed(reason: "declined", nil)],
            state: .credited, postings: [.decided, .credited]),
        Course(
            name: "GEN-5 a reason nobody knows", answers: [.failed(reason: "new_reason", nil)],
            state: .credited, postings: [.decided, .credited]),
        Course(
            name: "GEN-5 closed, told twice", answers: [Sample.closed, Sample.closed],
            state: .credited, postings: [.decided, .credited]),
        Course(
            name: "GEN-5 a time-out is no failure", answers: [Sample.silent], state: .unknown,
            postings: [.decided]),
        Course(
            name: "unknown, then paid", answers: [Sample.silent, Sample.paid], state: .succeeded,
            postings: [.decided, .succeeded]),
        Course(
            name: "accepted, then paid", answers: [Sample.accepted, Sample.paid],
            state: .succeeded, postings: [.decided, .succeeded]),
        Course(
            name: "waits for the customer", answers: [Sample.action], state: .requiresAction,
            postings: [.decided]),
        Course(
            name: "waits for the customer, then failed", answers: [Sample.action, Sample.closed],
            state: .credited, postings: [.decided, .credited]),
        Course(
            name: "paid, then taken back", answers: [Sample.paid, Sample.closed],
            state: .credited, postings: [.decided, .succeeded, .reversed, .credited]),
        Course(
            name: "paid, old news of acceptance", answers: [Sample.paid, Sample.accepted],
            state: .succeeded, postings: [.decided, .succeeded]),
        Course(
            name: "a dispute never goes to the balance", answers: [Sample.disputed],
            state: .exception, postings: [.decided], alerts: [.disputed]),
        Course(
            name: "the merchant's cancellation never goes to the balance",
            answers: [.failed(reason: "merchant_request", nil)], state: .exception,
            postings: [.decided], alerts: [.refusedByMerchant]),
        Course(
            name: "paid, then taken back for a dispute", answers: [Sample.paid, Sample.disputed],
            state: .exception, postings: [.decided, .succeeded, .reversed], alerts: [.disputed]),
        Course(
            name: "a success after the credit alerts", answers: [Sample.closed, Sample.paid],
            state: .exception, postings: [.decided, .credited, .succeeded],
            alerts: [.doublePayout]),
        Course(
            name: "a success after the credit, taken back",
            answers: [Sample.closed, Sample.paid, Sample.closed], state: .credited,
            postings: [.decided, .credited, .succeeded, .reversed], alerts: [.doublePayout]),
        Course(
            name: "a second success under another id alerts",
            answers: [Sample.paid, .succeeded(Sample.other)], state: .exception,
            postings: [.decided, .succeeded], alerts: [.doublePayout]),
        Course(
            name: "no money on our side waits", answers: [Sample.noFunds], state: .failed,
            postings: [.decided]),
        Course(
            name: "another amount than ours", answers: [.succeeded(Sample.odd)],
            state: .exception, postings: [.decided], alerts: [.amountMismatch]),
        Course(
            name: "another currency than ours",
            answers: [.pending(RefundObject(reference: "re_1", amount: 160, currency: "JPY"))],
            state: .exception, postings: [.decided], alerts: [.amountMismatch]),
        Course(
            name: "another amount after the end",
            answers: [Sample.paid, .succeeded(Sample.odd)], state: .succeeded,
            postings: [.decided, .succeeded], alerts: [.amountMismatch]),
        Course(
            name: "another amount beside a credit",
            answers: [Sample.closed, .succeeded(Sample.odd)], state: .exception,
            postings: [.decided, .credited], alerts: [.doublePayout]),
        Course(
            name: "an amount that the provider has no unit for",
            answers: [.refused(.amountNotRepresentable)], state: .exception,
            postings: [.decided], alerts: [.amountNotRepresentable]),
        Course(
            name: "a request that the provider cannot take",
            answers: [.refused(.invalidRequest(code: "resource_missing"))], state: .exception,
            postings: [.decided], alerts: [.invalidRequest]),
        Course(
            name: "no such provider", answers: [nil], state: .exception, postings: [.decided],
            alerts: [.providerNotConfigured]),
    ]

    @Test(arguments: courses)
    func `answers lead to one state, each step posted once`(_ course: Course) throws {
        var sample = Sample()
        #expect(sample.begin() == .refund)
        for answer in course.answers { sample.answer(answer) }
        #expect(sample.leg.state == course.state)
        #expect(sample.posted == course.postings)
        #expect(sample.alerts == course.alerts)
        #expect(sample.leg.books == Leg.Books(of: sample.posted))
        #expect(sample.leg.route == (sample.leg.books.credited > 0 ? .balance : .original))
    }

    @Test func `a begun call is left alone until its lease is over`() {
        var sample = Sample()
        sample.begin()
        sample.now.seconds += 14
        #expect(sample.begin() == nil)
        sample.now.seconds += 1
        #expect(sample.begin() == .refund)
        #expect(sample.leg.state == .unknown, "the lost call may have had its effect")
        #expect(sample.posted == [.decided], "the decision is posted once")
    }

    @Test func `a pending leg is asked for at growing intervals, and never refunded again`() {
        var sample = Sample.begun(Sample.accepted)
        #expect(sample.begin() == nil)
        var waits: [Int64] = []
        for _ in 0..<10 {
            guard let wait = sample.wait else { break }
            waits.append(wait)
            sample.now.seconds += wait
            #expect(sample.begin() == .lookUp)
            sample.answer(Sample.accepted)
        }
        #expect(waits == [10, 10, 20, 40, 80, 160, 320, 640, 1_280, 1_800])
    }

    @Test func `what came to rest is asked for again for thirty days, and then no more`() {
        for answer in [Sample.paid, Sample.closed, Sample.disputed] {
            var sample = Sample.begun(answer)
            var ages: [Int64] = []
            while let wait = sample.wait {
                sample.now.seconds += wait
                ages.append(sample.now.seconds - Sample.start.seconds)
                #expect(sample.begin() == .lookUp)
                sample.answer(answer)
            }
            #expect(ages == sample.limits.checkAges)
            #expect(ages.last == Int64(30 * 86_400))
        }
    }

    @Test func `a check that is not answered is repeated, and counts for nothing`() {
        var sample = Sample.begun(Sample.paid)
        sample.now.seconds += 3_600
        #expect(sample.begin() == .lookUp)
        sample.answer(Sample.silent)
        #expect(sample.wait == 10)
        sample.now.seconds += 10
        #expect(sample.begin() == .lookUp)
        sample.answer(.notFound)
        #expect(sample.leg.state == .succeeded)
        #expect(sample.now.seconds + (sample.wait ?? 0) == Sample.start.seconds + 6 * 3_600)
    }

    @Test func `what went over the balance is not asked for again`() {
        var sample = Sample()
        sample.leg.provider = .balance
        sample.begin()
        sample.answer(Sample.paid)
        #expect(sample.wait == nil)
    }
}
