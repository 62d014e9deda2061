import RefundMessages
import Testing

@testable import Orchestrator

@Suite("GEN-3, SSL-4: a certificate and its managed service before any product is asked")
struct PairRulesTests {
    private func pair(certificate: Int64 = 900, managedService: Int64 = 100) -> [OrderLine] {
        [
            .managedService("ms", of: "cert", cash: managedService),
            .certificate("cert", cash: certificate),
        ]
    }

    private static let both = ["cert", "ms"]

    @Test(
        "GEN-3: there is nothing to refund only where the cash of both is 0, whoever is asked for",
        arguments: [
            (Int64(900), Int64(0), both, ["cert check 900", "ms check 0"]),
            (0, 100, both, ["cert check 0", "ms check 100"]),
            (0, 0, both, ["cert no_cash_paid GEN-3", "ms no_cash_paid GEN-3"]),
            (900, 0, ["ms"], ["ms check 0"]),
            (0, 100, ["cert"], ["cert check 0"]),
            (0, 0, ["ms"], ["ms no_cash_paid GEN-3"]),
            (0, 0, ["cert"], ["cert no_cash_paid GEN-3"]),
        ])
    func cash(certificate: Int64, managedService: Int64, asking: [String], summary: [String]) {
        let lines = pair(certificate: certificate, managedService: managedService)
        #expect(RulesSample.assess(lines, asking: asking).summary == summary)
    }

    @Test("GEN-2: where the percentage leaves neither anything, it is the promotion's doing")
    func percentage() {
        let lines = pair(certificate: 1, managedService: 0)
        #expect(
            RulesSample.assess(lines, asking: Self.both, promotion: "promo-half").summary
                == ["cert no_cash_paid GEN-2 GEN-3", "ms no_cash_paid GEN-2 GEN-3"])
        let one = pair(certificate: 2, managedService: 1)
        #expect(
            RulesSample.assess(one, asking: Self.both, promotion: "promo-half").summary
                == ["cert check 1", "ms check 0"])
    }

    @Test("SSL-4: asked for together they stand in one check, whatever the order's order")
    func oneCheck() {
        let assessment = RulesSample.assess(pair())
        #expect(
            assessment.checks.map(\.lines) == [
                [
                    CheckLine(
                        lineID: "ms", item: .managedService, parent: "cert", fee: 500,
                        refundable: 100),
                    CheckLine(
                        lineID: "cert", managedService: "ms", fee: 1_000, refundable: 900),
                ]
            ])
    }

    @Test("SSL-4: a check names the other of the pair where only one is asked for")
    func alone() {
        let certificate = RulesSample.assess(pair(), asking: ["cert"]).checks.flatMap(\.lines)
        #expect(certificate.map(\.managedService) == ["ms"])
        let managedService = RulesSample.assess(pair(), asking: ["ms"]).checks.flatMap(\.lines)
        #expect(managedService.map(\.parent) == ["cert"])
    }

    @Test(
        "SSL-4: what another request has of the pair it has of both; what is refunded stays so",
        arguments: [
            (
                LineStanding.refunded, LineStanding.refunded,
                ["cert already_refunded", "ms already_refunded"]
            ),
            (.inProgress, .inProgress, ["cert refund_in_progress", "ms refund_in_progress"]),
            (.refunded, .free, ["cert already_refunded", "ms already_refunded SSL-4"]),
            (.inProgress, .free, ["cert refund_in_progress", "ms refund_in_progress SSL-4"]),
            (.free, .inProgress, ["cert refund_in_progress", "ms refund_in_progress"]),
            (.free, .refunded, ["cert check 900", "ms already_refunded"]),
            (.inProgress, .refunded, ["cert refund_in_progress", "ms already_refunded"]),
        ])
    func standing(certificate: LineStanding, managedService: LineStanding, summary: [String]) {
        let assessment = RulesSample.assess(
            pair(), asking: Self.both, standing: ["cert": certificate, "ms": managedService])
        #expect(assessment.summary == summary)
        let isOpen = assessment.checks.flatMap(\.lines)
        #expect(isOpen.allSatisfy { $0.managedService == nil })
    }

    @Test("SSL-4: alone, each is judged by its own standing, and its product says the rest")
    func standingAlone() {
        let standing: [String: LineStanding] = ["cert": .inProgress]
        let managedService = RulesSample.assess(pair(), asking: ["ms"], standing: standing)
        #expect(managedService.summary == ["ms check 100"])
    }

    @Test("GEN-2: a managed service is moved with its certificate's amount")
    func effect() {
        let assessment = RulesSample.assess(
            pair(managedService: 0), asking: Self.both, promotion: "promo-half")
        #expect(assessment.lines.map(\.effect) == [.amountMoved, .amountMoved])
        let alone = RulesSample.assess(
            pair(managedService: 0), asking: ["ms"], promotion: "promo-half")
        #expect(alone.lines.map(\.effect) == [[]])
    }
}
