import ProductWorker
import RefundMessages
import Testing

@testable import Gateway

@Suite("GW-1 to GW-4: the HTTPS acceleration gateway")
struct GatewayRulesTests {
    private func verdict(
        fee: Int64, cash: Int64, domains: Int64 = 0, included: Int64, consumed: Int64,
        resetAt: Instant? = nil
    ) -> LineVerdict? {
        GatewayRules.verdict(
            on: .gateway(
                GatewayUsage(
                    domainsAdded: domains, quotaIncluded: included, quotaConsumed: consumed,
                    resetAt: resetAt)),
            fee: fee, refundable: cash)
    }

    @Test("GW-2: unused is refunded in full; GW-3 after a reset")
    func unused() {
        let fresh = LineVerdict(
            lineID: "1", verdict: .eligible, code: .eligible, rules: [.gw2], amount: 160)
        #expect(verdict(fee: 160, cash: 160, included: 300, consumed: 0) == fresh)
        let reset = LineVerdict(
            lineID: "1", verdict: .eligible, code: .eligible, rules: [.gw3], amount: 160)
        let resetAt = at("2026-11-21T00:00:00Z")
        #expect(
            verdict(fee: 160, cash: 160, included: 300, consumed: 0, resetAt: resetAt) == reset)
    }

    @Test("GW-3: an added domain needs a reset, before and after an earlier one")
    func addedDomain() {
        let expected = LineVerdict(
            lineID: "1", verdict: .actionRequired, code: .releaseRequired, rules: [.gw3],
            steps: [Step(.resetGateway)])
        for resetAt in [nil, at("2026-11-21T00:00:00Z")] {
            #expect(
                verdict(
                    fee: 160, cash: 160, domains: 1, included: 300, consumed: 0, resetAt: resetAt)
                    == expected)
        }
        #expect(expected.steps.map(\.action.isIrreversible) == [false])
    }

    /// 2^53 − 1, the largest amount and count of the contract.
    static let largest: Int64 = 9_007_199_254_740_991

    @Test(
        "GW-4: the balance is the cash less the consumed fee, which is rounded up",
        arguments: [
            // fee, cash, included, consumed, amount
            (160, 160, 300, 60, 128),  // the vendor page's example
            (160, 160, 300, 1, 159),  // 0.53 → 1
            (160, 160, 300, 299, 0),  // 159.46 → 160
            (160, 160, 300, 300, 0),
            (160, 160, 300, 301, 0),  // more than was included
            (160, 160, 1, largest, 0),
            (100, 100, 3, 1, 66),  // 33.33 → 34
            (100, 100, 3, 2, 33),  // 66.66 → 67
            (300, 300, 300, 100, 200),  // exact: nothing is rounded
            (1_000, 1_000, 7, 1, 857),  // JPY: 142.86 yen → 143
            (160, 100, 300, 60, 68),  // 60 by voucher: 100 − 32
            (160, 32, 300, 60, 0),  // the cash is used up exactly
            (160, 33, 300, 60, 1),
            (160, 80, 300, 60, 48),  // half of the cash refundable (GEN-2): 80 − 32
            (0, 0, 300, 60, 0),
            (largest, largest, largest, 1, largest - 1),
            (largest, largest, largest, largest - 1, 1),
            (largest, largest, largest - 1, 1, largest - 2),  // 1.0…1 → 2
            (largest, largest, 2, 1, 4_503_599_627_370_495),
            (largest, largest, 3, 2, 3_002_399_751_580_330),
        ] as [(Int64, Int64, Int64, Int64, Int64)])
    func metered(fee: Int64, cash: Int64, included: Int64, consumed: Int64, amount: Int64) {
        let expected =
            amount == 0
            ? LineVerdict(lineID: "1", verdict: .denied, code: .quotaExhausted, rules: [.gw4])
            : LineVerdict(
                lineID: "1", verdict: .review, code: .meteredUsage, rules: [.gw4], amount: amount)
        #expect(verdict(fee: fee, cash: cash, included: included, consumed: consumed) == expected)
    }

    @Test("GW-4: neither domains nor a reset give consumed quota back")
    func consumedOutweighs() {
        for (domains, resetAt) in [(Int64(0), at("2026-11-21T00:00:00Z")), (5, nil)] {
            let found = verdict(
                fee: 160, cash: 160, domains: domains, included: 300, consumed: 60,
                resetAt: resetAt)
            #expect(found?.code == .meteredUsage)
            #expect(found?.amount == 128)
        }
    }

    @Test("GW-1: a line is judged by its own facts only, and unknown is never unused")
    func unknown() {
        #expect(GatewayRules.verdict(on: nil) == nil)
        #expect(GatewayRules.verdict(on: .repository(apiCallsConsumed: 0)) == nil)
        let lines = ["a", "b"].map { CheckLine(lineID: $0, fee: 1, refundable: 1) }
        let unused = UsageFacts.gateway(
            GatewayUsage(domainsAdded: 0, quotaIncluded: 1, quotaConsumed: 0))
        let assessed = GatewayRules.assess(Sample.check(.gateway, lines), facts: ["b": unused])
        #expect(
            assessed == [
                .usageUnknown,
                .decided(
                    LineVerdict(
                        lineID: "b", verdict: .eligible, code: .eligible, rules: [.gw2], amount: 1)),
            ])
    }
}
