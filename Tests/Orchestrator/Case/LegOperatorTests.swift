import RefundMessages
import Testing

@testable import Orchestrator

@Suite("Operators work an exception off, and cannot pay twice")
struct LegOperatorTests {
    typealias Sample = LegSample

    @Test func `a retry looks first, and tries what was refused under a new key`() {
        var sample = Sample.begun(Sample.disputed)
        sample.happen(.retry(by: "kim"))
        #expect(sample.begin() == .lookUp)
        sample.answer(Sample.disputed)
        #expect(sample.begin() == .refund)
        #expect(sample.leg.refundAttempt == 2)
        sample.answer(.succeeded(Sample.other))
        #expect(sample.posted == [.decided, .succeeded])
    }

    @Test func `a retry of what is unknown keeps its key, and has a fresh budget`() {
        var sample = Sample.begun()
        sample.now.seconds += Sample.limits.budget
        sample.answer(Sample.silent)
        #expect(sample.leg.exceptionReason == .attemptsSpent)
        sample.happen(.retry(by: "kim"))
        #expect(sample.begin() == .lookUp)
        sample.answer(.notFound)
        #expect(sample.begin() == .refund)
        #expect(sample.leg.refundAttempt == 1)
        sample.answer(Sample.silent)
        #expect(sample.leg.state == .unknown)
    }

    @Test func `a retry finds that it was paid after all`() {
        var sample = Sample.begun(Sample.disputed)
        sample.happen(.retry(by: "kim"))
        sample.begin()
        sample.answer(Sample.paid)
        #expect(sample.posted == [.decided, .succeeded])
        #expect(sample.leg.exceptionReason == nil)
    }

    @Test func `a provider that was not configured is tried again when it is, however late`() {
        var sample = Sample.begun(nil)
        sample.now.seconds += 30 * 86_400
        sample.happen(.retry(by: "kim"))
        #expect(sample.begin() == .lookUp)
        sample.answer(.notFound)
        #expect(sample.begin() == .refund)
    }

    static let answersToCredit: [(answer: ProviderAnswer?, state: Leg.State)] = [
        (Sample.paid, .succeeded), (Sample.accepted, .pending), (Sample.action, .requiresAction),
        (Sample.closed, .credited), (Sample.disputed, .credited), (Sample.noFunds, .credited),
        (.notFound, .credited), (.contested(.takenByOthers), .credited), (nil, .credited),
        (Sample.silent, .crediting), (Sample.away, .crediting),
        (.succeeded(Sample.odd), .exception),
    ]

    @Test(arguments: answersToCredit.indices)
    func `before a credit the provider is asked`(_ index: Int) {
        let (answer, state) = Self.answersToCredit[index]
        var sample = Sample.begun(Sample.disputed)
        sample.happen(.credit(by: "kim"))
        #expect(sample.leg.state == .crediting)
        #expect(sample.posted == [.decided], "not posted yet")
        #expect(sample.begin() == .lookUp)
        sample.answer(answer)
        #expect(sample.leg.state == state)
        #expect(sample.leg.books.paid + sample.leg.books.credited <= 1)
    }

    @Test func `where the provider never answers the operator's word counts`() {
        var sample = Sample.begun(Sample.disputed)
        sample.happen(.credit(by: "kim"))
        for _ in 0..<Sample.limits.asksBeforeCredit {
            #expect(sample.leg.state == .crediting)
            sample.now = max(sample.now, sample.leg.nextAttemptAt ?? sample.now)
            #expect(sample.begin() == .lookUp)
            sample.answer(Sample.silent)
        }
        #expect(sample.leg.state == .credited)
        #expect(sample.posted == [.decided, .credited])
    }

    @Test func `a double payout can be borne, and not be credited again`() {
        var sample = Sample.begun(Sample.closed, Sample.paid)
        #expect(sample.happen(.credit(by: "kim")) == [.refuse])
        sample.happen(.close(by: "kim"))
        #expect(sample.leg.state == .credited)
        #expect(sample.posted == [.decided, .credited, .succeeded, .writtenOff])
        #expect(sample.leg.books.payable == 0)
        sample.answer(Sample.paid)
        #expect(sample.leg.state == .credited, "it is known")
        sample.answer(Sample.closed)
        #expect(sample.posted.suffix(2) == [.reversed, .released])
        #expect(sample.leg.books.payable == 0)
    }

    @Test func `closed without payment nothing is owed, and a late success alerts`() {
        var sample = Sample.begun(Sample.disputed)
        sample.happen(.close(by: "kim"))
        #expect(sample.leg.isClosed && sample.leg.isAtEnd && !sample.leg.isSettled)
        #expect(sample.leg.books == Leg.Books())
        sample.answer(Sample.paid)
        #expect(sample.leg.exceptionReason == .paidAfterClose)
        #expect(sample.alerts.last == .paidAfterClose)
        #expect(sample.leg.isClosed, "the line may be somebody else's by now")
        sample.happen(.close(by: "lee"))
        #expect(sample.leg.state == .failed)
        #expect(sample.leg.books.payable == 0)
        #expect(
            sample.leg.history.map(\.by) == [nil, nil, "kim", nil, "lee"], "who did what is kept")
    }

    @Test func `only exceptions are worked off`() {
        for stage in Leg.Stage.allCases where stage != .exception && stage != .overpaid {
            for event in [LegEvent.retry(by: "kim"), .credit(by: "kim"), .close(by: "kim")] {
                var sample = LegTableTests.sample(in: stage)
                #expect(sample.happen(event) == [.refuse], "\(stage)")
            }
        }
    }
}
