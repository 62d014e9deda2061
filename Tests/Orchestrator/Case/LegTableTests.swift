import RefundMessages
import Testing

@testable import Orchestrator

@Suite("Every pair of stage and event is decided")
struct LegTableTests {
    typealias Sample = LegSample

    /// A leg in each stage, as it gets there.
    static func sample(in stage: Leg.Stage) -> LegSample {
        var sample: LegSample
        switch stage {
        case .planned: sample = Sample()
        case .submitting: sample = .begun()
        case .unknown: sample = .begun(Sample.silent)
        case .pending: sample = .begun(Sample.accepted)
        case .requiresAction: sample = .begun(Sample.action)
        case .failed: sample = .begun(Sample.noFunds)
        case .succeeded: sample = .begun(Sample.paid)
        case .credited: sample = .begun(Sample.closed)
        case .exception: sample = .begun(Sample.disputed)
        case .overpaid: sample = .begun(Sample.closed, Sample.paid)
        case .crediting:
            sample = .begun(Sample.disputed)
            sample.happen(.credit(by: "kim"))
        case .closed:
            sample = .begun(Sample.disputed)
            sample.happen(.close(by: "kim"))
        }
        return sample
    }

    @Test(arguments: Leg.Stage.allCases)
    func `no event breaks a leg in any stage`(_ stage: Leg.Stage) {
        let events =
            [LegEvent.noticed, .begin]
            + [.retry(by: "kim"), .credit(by: "kim"), .close(by: "kim")]
            + Leg.Call.allCases.flatMap { call in
                Sample.answers.map { .answer($0, to: call, attempt: 1) }
            }
        #expect(Self.sample(in: stage).leg.stage == stage)
        for event in events {
            var sample = Self.sample(in: stage)
            let before = sample.leg
            let effects = sample.happen(event)
            #expect(sample.leg.books == Leg.Books(of: sample.posted), "\(event)")
            let isOver = sample.leg.books.payable < 0
            #expect(!isOver || sample.leg.exceptionReason?.isOverpayment == true, "\(event)")
            let isOpen = !sample.leg.isAtEnd && sample.leg.state != .planned
            #expect(sample.leg.books.payable == 0 || isOver || isOpen, "\(event)")
            if effects.contains(.refuse) { #expect(sample.leg == before, "\(event)") }
            if case .answer(let answer, _, _) = event, before.state == .planned {
                // Nothing was asked, so nothing can be answered.
                #expect(sample.leg == before, "\(String(describing: answer))")
                #expect(effects.contains { if case .impossible = $0 { true } else { false } })
            }
        }
    }

    @Test func `nothing undecided moves money, in any stage`() {
        let undecided = LegUnknownTests.undecided.filter { $0 != Sample.noFunds }
        for stage in Leg.Stage.allCases where stage != .crediting {
            for answer in undecided {
                var sample = Self.sample(in: stage)
                let books = sample.leg.books
                sample.answer(answer)
                #expect(sample.leg.books == books, "\(stage) \(answer)")
            }
        }
    }

    @Test func `the table knows every pair, and every move is somebody's`() {
        var moves: Set<Leg.Move> = []
        for trigger in Leg.Trigger.allCases {
            for stage in Leg.Stage.allCases { moves.insert(Leg.move(on: trigger, in: stage)) }
        }
        #expect(moves == Set(Leg.Move.allCases))
    }
}
