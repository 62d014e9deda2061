import RefundMessages
import Testing

@testable import Orchestrator

@Suite("GEN-2: what a promotion does to what a product's worker said")
struct FinishRulesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var given: LineVerdict
        var effect: PromotionEffect
        var code: LineCode
        var rules: [String]

        init(
            _ verdict: Verdict, _ given: LineCode, _ rules: [Rule], _ amount: Int64?,
            _ effect: PromotionEffect, _ code: LineCode, _ expected: [String]
        ) {
            self.given = LineVerdict(
                lineID: "1", verdict: verdict, code: given, rules: rules, amount: amount,
                steps: verdict == .actionRequired ? [Step(.resetGateway)] : [])
            self.effect = effect
            self.code = code
            self.rules = expected
        }

        var testDescription: String { "\(given.code) with \(effect.rawValue) → \(code)" }
    }

    @Test(
        "GEN-2 is named where the terms moved the deadline or the amount",
        arguments: [
            Case(.eligible, .eligible, [.gw2], 160, [], .eligible, ["GW-2"]),
            Case(.eligible, .eligible, [.gw2], 80, .amountMoved, .eligible, ["GEN-2", "GW-2"]),
            Case(.eligible, .eligible, [.gw2], 9, .deadlineMoved, .eligible, ["GEN-2", "GW-2"]),
            Case(
                .eligible, .eligible, [.gw2], 9, [.deadlineMoved, .amountMoved], .eligible,
                ["GEN-2", "GW-2"]),
            Case(
                .eligible, .eligible, [.ssl4, .ssl5], 0, .amountMoved, .eligible,
                ["GEN-2", "SSL-4", "SSL-5"]),
            Case(
                .review, .meteredUsage, [.gw4], 48, .amountMoved, .meteredUsage, ["GEN-2", "GW-4"]),
            Case(.review, .usageUnknown, [], 80, .amountMoved, .usageUnknown, ["GEN-2"]),
            Case(.review, .usageUnknown, [], 80, [], .usageUnknown, []),
            Case(
                .denied, .quotaExhausted, [.gw4], nil, .amountMoved, .quotaExhausted,
                ["GEN-2", "GW-4"]),
            Case(.denied, .inUse, [.ntf1], nil, .amountMoved, .inUse, ["NTF-1"]),
            Case(.denied, .inUse, [.ntf1], nil, .deadlineMoved, .inUse, ["GEN-2", "NTF-1"]),
            Case(
                .denied, .revocationTooLate, [.ssl2], nil, .deadlineMoved, .revocationTooLate,
                ["GEN-2", "SSL-2"]),
            Case(
                .actionRequired, .releaseRequired, [.gw3], nil, .amountMoved, .releaseRequired,
                ["GW-3"]),
            Case(
                .actionRequired, .releaseRequired, [.gw3], nil, .deadlineMoved, .releaseRequired,
                ["GEN-2", "GW-3"]),
            Case(.denied, .refundInProgress, [], nil, .deadlineMoved, .refundInProgress, []),
            Case(.denied, .alreadyRefunded, [], nil, .deadlineMoved, .alreadyRefunded, []),
        ])
    func moved(given: Case) {
        let finished = GeneralRules.finish(given.given, effect: given.effect)
        var expected = given.given
        expected.rules = finished.rules
        #expect(finished == expected)
        #expect(finished.rules.map(\.rawValue) == given.rules)
        #expect(GeneralRules.finish(finished, effect: given.effect) == finished)
    }

    @Test(
        "GEN-2: an eligible line of a promotion without terms goes to review, and only such a line",
        arguments: [
            Case(.eligible, .eligible, [.gw2], 160, .termsUnknown, .promotionUnknown, ["GEN-2"]),
            Case(
                .eligible, .eligible, [.ssl2, .ssl5], 9, .termsUnknown, .promotionUnknown,
                ["GEN-2"]),
            Case(
                .eligible, .eligible, [.ssl4, .ssl5], 0, .termsUnknown, .promotionUnknown,
                ["GEN-2", "SSL-4"]),
            Case(.review, .meteredUsage, [.gw4], 9, .termsUnknown, .meteredUsage, ["GW-4"]),
            Case(.review, .usageUnknown, [], 9, .termsUnknown, .usageUnknown, []),
            Case(.denied, .inUse, [.mon1], nil, .termsUnknown, .inUse, ["MON-1"]),
            Case(
                .actionRequired, .releaseRequired, [.pca3], nil, .termsUnknown, .releaseRequired,
                ["PCA-3"]),
        ])
    func unknownTerms(given: Case) {
        let finished = GeneralRules.finish(given.given, effect: given.effect)
        #expect(finished.code == given.code)
        #expect(finished.rules.map(\.rawValue) == given.rules)
        #expect(finished.amount == given.given.amount)
        #expect(finished.steps == given.given.steps)
        #expect(
            finished.verdict == (given.code == .promotionUnknown ? .review : given.given.verdict))
        #expect(GeneralRules.finish(finished, effect: given.effect) == finished)
    }
}
