import RefundMessages
import Testing

@testable import Orchestrator

@Suite("What is to be done about an operator's wish") struct ExceptionDecisionTests {
    private static func leg(_ reason: Leg.ExceptionReason?) -> Leg {
        var leg = Leg(
            paymentID: "p-1", provider: .sandbox, paymentReference: "card_1", amount: 200)
        leg.state = reason == nil ? .succeeded : .exception
        leg.exceptionReason = reason
        return leg
    }

    private static func proposal(_ action: ExceptionAction, by name: String) -> ExceptionProposal {
        ExceptionProposal(
            action: action, operatorName: name, isProven: true, note: "n",
            at: Instant(seconds: 1), idempotencyKey: "k")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var what: String
        var action: ExceptionAction
        var leg: Leg
        var proposal: ExceptionProposal?
        var needsSecond = false
        var decision: ExceptionDecision
        var testDescription: String { what }
    }

    static let cases = [
        Case(what: "one is enough", action: .retry, leg: leg(.disputed), decision: .perform),
        Case(
            what: "the first of two proposes", action: .credit, leg: leg(.disputed),
            needsSecond: true, decision: .propose),
        Case(
            what: "the second confirms", action: .credit, leg: leg(.disputed),
            proposal: proposal(.credit, by: "lee"), needsSecond: true, decision: .perform),
        Case(
            what: "the same person twice is one", action: .credit, leg: leg(.disputed),
            proposal: proposal(.credit, by: "kim"), needsSecond: true,
            decision: .refuse(.secondPersonNeeded)),
        Case(
            what: "in other letters too", action: .credit, leg: leg(.disputed),
            proposal: proposal(.credit, by: "KIM"), needsSecond: true,
            decision: .refuse(.secondPersonNeeded)),
        Case(
            what: "another wish is proposed instead", action: .close, leg: leg(.disputed),
            proposal: proposal(.credit, by: "lee"), needsSecond: true, decision: .propose),
        Case(
            what: "whoever has another wish proposes that", action: .close, leg: leg(.disputed),
            proposal: proposal(.credit, by: "kim"), needsSecond: true, decision: .propose),
        Case(
            what: "what is settled is left alone", action: .close, leg: leg(nil),
            decision: .refuse(.notInException)),
        Case(
            what: "a payout is not credited besides", action: .credit, leg: leg(.doublePayout),
            decision: .refuse(.notAfterPayout)),
        Case(
            what: "nor proposed for it", action: .credit, leg: leg(.paidAfterClose),
            needsSecond: true, decision: .refuse(.notAfterPayout)),
        Case(what: "a loss is borne", action: .close, leg: leg(.doublePayout), decision: .perform),
        Case(
            what: "a loss is borne by two", action: .close, leg: leg(.doublePayout),
            needsSecond: true, decision: .propose),
    ]

    @Test("follows from the leg, the amount and who wanted it before", arguments: cases)
    func decide(_ example: Case) {
        let decision = ExceptionDecision.on(
            example.action, of: example.leg, by: "kim", proposal: example.proposal,
            needsSecond: example.needsSecond)
        #expect(decision == example.decision)
    }

    @Test(
        "is what the leg's own table allows",
        arguments: Leg.ExceptionReason.allCases, ExceptionAction.allCases)
    func agreesWithTheLeg(_ reason: Leg.ExceptionReason, _ action: ExceptionAction) {
        var leg = Self.leg(reason)
        let isPossible = leg.effect(of: action).isPossible
        let context = Leg.Context(
            now: CaseSamples.now, currency: "USD", limits: CaseSamples.limits)
        let effects = leg.apply(action.event(by: "kim"), in: context)
        #expect(effects.contains(.refuse) == !isPossible)
    }

    @Test("has words for every reason")
    func reasons() {
        #expect(
            Set(Leg.ExceptionReason.allCases.map(\.rawValue))
                == Set(SettlementExceptionReason.allCases.map(\.rawValue)))
    }
}

@Suite("The amount that needs two operators") struct SecondPersonLimitTests {
    @Test(arguments: [
        ("10000", 10_000, "USD", false), ("10000", 10_001, "USD", true), ("0", 1, "USD", true),
        ("10000,JPY=20000", 20_000, "JPY", false), ("10000,JPY=20000", 20_001, "JPY", true),
        ("10000,JPY=20000", 10_001, "USD", true), ("0,JPY=5,KWD=7", 7, "KWD", false),
    ])
    func `is above the currency's limit, or the general one`(
        _ text: String, _ amount: Int64, _ currency: String, _ needsSecond: Bool
    ) throws {
        let limit = try #require(SecondPersonLimit(text))
        #expect(limit.needsSecond(amount, currency) == needsSecond)
    }

    @Test(arguments: [
        "", "many", "-1", "1.5", "JPY=5", "5,", "5,JPY", "5,XXX=1", "5,JPY=1,JPY=2", "5,JPY=",
        "99999999999999999999",
    ])
    func `is no other text`(_ text: String) { #expect(SecondPersonLimit(text) == nil) }

    @Test func `has a default`() {
        #expect(SecondPersonLimit(SecondPersonLimit.defaultText) != nil)
    }
}
