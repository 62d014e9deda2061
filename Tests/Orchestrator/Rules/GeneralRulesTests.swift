import RefundMessages
import Testing

@testable import Orchestrator

@Suite("GEN-1, GEN-2, GEN-3, SSL-1: the general rules")
struct GeneralRulesTests {
    private let pca = OrderLine(lineID: "2", product: .pca, fee: 500, cash: 500)

    @Test("A request that names no lines means every line not yet refunded")
    func requestedLines() {
        let lines: [OrderLine] = [.gateway("1"), pca]
        #expect(RulesSample.assess(lines).lines.map(\.lineID) == ["1", "2"])
        let refunded = RulesSample.assess(lines, standing: ["1": .refunded, "2": .inProgress])
        #expect(refunded.summary == ["2 refund_in_progress"])
        let none = RulesSample.assess(lines, standing: ["1": .refunded, "2": .refunded])
        #expect(none.summary == ["1 already_refunded", "2 already_refunded"])
        #expect(none.checks.isEmpty)
    }

    @Test(
        "GEN-1: in time is strictly before the deadline, to the nanosecond",
        arguments: [
            ("2026-11-27T15:59:59Z", Int32(0), true),
            ("2026-11-27T15:59:59Z", 999_999_999, true),
            ("2026-11-27T16:00:00Z", 0, false),
            ("2026-11-27T16:00:00Z", 1, false),
            ("2026-11-27T16:00:01Z", 0, false),
            ("2026-11-27T23:59:59+08:00", 0, true),
            ("2026-11-28T00:00:00+08:00", 0, false),
            ("2026-11-27T05:59:59-10:00", 0, true),
            ("2026-11-27T06:00:00-10:00", 0, false),
            ("2026-11-28T05:59:59+14:00", 0, true),
            ("2026-11-28T06:00:00+14:00", 0, false),
            ("2026-11-19T00:00:00Z", 0, true),
        ])
    func window(requestedAt: String, nanoseconds: Int32, isInTime: Bool) {
        let assessment = RulesSample.assess(
            [.gateway("1")], requestedAt: at(requestedAt, nanoseconds: nanoseconds))
        #expect(assessment.deadline == RulesSample.deadline)
        #expect(assessment.summary == [isInTime ? "1 check 160" : "1 window_closed GEN-1"])
        #expect(assessment.checks.count == (isInTime ? 1 : 0))
    }

    @Test("SSL-1: a certificate's closed window is said by its own rule too")
    func certificateWindow() {
        let assessment = RulesSample.assess(
            [
                .managedService("ms", of: "cert", cash: 0), .certificate("cert", cash: 900),
                .gateway("gw"),
            ], requestedAt: RulesSample.deadline)
        #expect(
            assessment.summary == [
                "ms window_closed GEN-1 SSL-1", "cert window_closed GEN-1 SSL-1",
                "gw window_closed GEN-1",
            ])
    }

    @Test(
        "GEN-2: a promotion's window replaces the policy's",
        arguments: [
            ("promo-window-3d", "2026-11-23T15:59:59Z", "1 check 160", true),
            ("promo-window-3d", "2026-11-23T16:00:00Z", "1 window_closed GEN-1 GEN-2", true),
            ("promo-half", "2026-11-27T15:59:59Z", "1 check 80", false),
            ("promo-half", "2026-11-27T16:00:00Z", "1 window_closed GEN-1", false),
            ("promo-ordinary", "2026-11-27T16:00:00Z", "1 window_closed GEN-1", false),
            ("promo-ordinary", "2026-11-23T07:00:00Z", "1 check 160", false),
            ("unheard-of", "2026-11-27T15:59:59Z", "1 check 160", false),
            ("unheard-of", "2026-11-27T16:00:00Z", "1 window_closed GEN-1", false),
        ])
    func promotionWindow(promotion: String, requestedAt: String, summary: String, isMoved: Bool) {
        let assessment = RulesSample.assess(
            [.gateway("1")], promotion: promotion, requestedAt: at(requestedAt))
        #expect(assessment.summary == [summary])
        #expect(assessment.lines.first?.effect.contains(.deadlineMoved) == isMoved)
        #expect(
            assessment.deadline
                == (isMoved ? at("2026-11-23T16:00:00Z") : RulesSample.deadline))
    }

    @Test(
        "GEN-2: the percentage is of each line's cash, rounded down",
        arguments: [
            (Int64(160), Int64(80)), (161, 80), (1, 0), (2, 1), (3, 1),
            (9_007_199_254_740_991, 4_503_599_627_370_495),
        ])
    func percentage(cash: Int64, refundable: Int64) {
        let lines: [OrderLine] = [
            .gateway("1", fee: cash, cash: cash), .gateway("2", fee: 7, cash: 7),
        ]
        let assessment = RulesSample.assess(lines, promotion: "promo-half")
        let first = refundable == 0 ? "1 no_cash_paid GEN-2 GEN-3" : "1 check \(refundable)"
        #expect(assessment.summary == [first, "2 check 3"])
        #expect(assessment.lines.map(\.effect) == [.amountMoved, .amountMoved])
    }

    @Test(
        "GEN-3: what was paid by vouchers alone has nothing to refund",
        arguments: [
            (nil, "1 no_cash_paid GEN-3"), ("promo-half", "1 no_cash_paid GEN-3"),
            ("unheard-of", "1 no_cash_paid GEN-3"),
            ("promo-window-3d", "1 no_cash_paid GEN-2 GEN-3"),
        ] as [(String?, String)])
    func vouchers(promotion: String?, summary: String) {
        let lines: [OrderLine] = [.gateway("1", cash: 0), .gateway("2", cash: 40)]
        let assessment = RulesSample.assess(lines, asking: ["1"], promotion: promotion)
        #expect(assessment.summary == [summary])
    }

    @Test("GEN-2, GEN-3: nothing is left where the promotion refunds 0 percent")
    func nothingLeft() {
        let assessment = RulesSample.assess([.gateway("1")], promotion: "promo-nothing")
        #expect(assessment.summary == ["1 no_cash_paid GEN-2 GEN-3"])
    }

    @Test("The first rule that speaks decides: standing, promotion, window, cash")
    func order() {
        let noCash: [OrderLine] = [.gateway("1", cash: 0)]
        let late = RulesSample.deadline
        func summary(_ promotion: String?, _ standing: LineStanding) -> [String] {
            RulesSample.assess(
                noCash, asking: ["1"], promotion: promotion, standing: ["1": standing],
                requestedAt: late
            ).summary
        }
        #expect(summary("promo-nonrefundable", .refunded) == ["1 already_refunded"])
        #expect(summary("promo-nonrefundable", .inProgress) == ["1 refund_in_progress"])
        #expect(summary("promo-nonrefundable", .free) == ["1 promotion_not_refundable GEN-2"])
        #expect(summary(nil, .free) == ["1 window_closed GEN-1"])
    }

    @Test("One check a product, sorted, with its lines in the order in which they are asked for")
    func checks() {
        let lines: [OrderLine] = [
            pca, .gateway("g1", fee: 200, cash: 160), .certificate("c", cash: 9), .gateway("g2"),
            .gateway("late", cash: 0),
        ]
        let assessment = RulesSample.assess(
            lines, asking: ["g2", "2", "late", "g1", "c"], promotion: "promo-half")
        func check(_ product: Product, _ lines: [CheckLine]) -> RefundCheck {
            RefundCheck(
                caseID: "case", requestID: "r-1", orderID: "o-1", product: product, dryRun: false,
                requestedAt: RulesSample.requestedAt, deadline: RulesSample.deadline,
                revocationExpectedBy: at("2026-11-30T16:00:00Z"), lines: lines)
        }
        #expect(
            assessment.checks == [
                check(.certificates, [CheckLine(lineID: "c", fee: 1_000, refundable: 4)]),
                check(
                    .gateway,
                    [
                        CheckLine(lineID: "g2", fee: 160, refundable: 80),
                        CheckLine(lineID: "g1", fee: 200, refundable: 80),
                    ]),
                check(.pca, [CheckLine(lineID: "2", fee: 500, refundable: 250)]),
            ])
        #expect(
            assessment.summary == [
                "g2 check 80", "2 check 250", "late no_cash_paid GEN-3", "g1 check 80", "c check 4",
            ])
    }
}
