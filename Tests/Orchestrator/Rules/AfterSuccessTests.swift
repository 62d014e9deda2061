import RefundMessages
import Testing

@testable import Orchestrator

@Suite("GEN-4, GEN-5, PCA-4: where the money goes, and what the outcome says after success")
struct AfterSuccessTests {
    private static let order = OrderPaid(
        orderID: "o-1", version: 1, accountID: "a-1", paidAt: RulesSample.paidAt, currency: "JPY",
        payments: [
            OrderPayment(
                paymentID: "p-1", provider: .sandbox, reference: "card_ok", method: "card",
                cash: 660)
        ],
        lines: [
            OrderLine(lineID: "ca", product: .pca, fee: 500, cash: 500),
            .gateway("gw"),
        ])

    /// The case of both lines: the CA is eligible, the gateway as given.
    private func opened(_ gateway: LineVerdict) -> RefundCase {
        let request = RefundRequest(
            requestID: "r-1", orderID: "o-1", accountID: "a-1",
            requestedAt: RulesSample.requestedAt)
        let assessment = GeneralRules.assess(
            request, caseID: "r-1", order: Self.order, lines: ["ca", "gw"], standing: [:],
            policy: RulesSample.policy, calendar: RulesSample.calendar)
        var value = RefundCase.open(
            request, caseID: "r-1", traceparent: nil, order: Self.order, assessment: assessment,
            policyVersion: "test", now: CaseSamples.now)
        let authority = LineVerdict(
            lineID: "ca", verdict: .eligible, code: .eligible, rules: [.pca2], amount: 500)
        for (product, verdict) in [(Product.pca, authority), (.gateway, gateway)] {
            let result = RefundResult(
                caseID: "r-1", requestID: "r-1", orderID: "o-1", product: product, revision: 1,
                lines: [verdict])
            _ = value.apply(result, now: CaseSamples.now)
        }
        if value.needsLegs { value.planLegs(Self.order.payments.map { ($0, $0.cash) }) }
        value.refreshOutcome()
        return value
    }

    private func outcome(_ gateway: LineVerdict, _ answer: (Leg) -> ProviderAnswer)
        -> RefundOutcome?
    {
        var value = opened(gateway)
        for leg in value.legs {
            let legID = value.legID(of: leg)
            value.happen(.begin, to: legID)
            value.happen(.answer(answer(leg), to: .refund, attempt: 1), to: legID)
        }
        value.refreshOutcome()
        return value.outcome
    }

    private let unused = LineVerdict(
        lineID: "gw", verdict: .eligible, code: .eligible, rules: [.gw2], amount: 160)
    private let denied = LineVerdict(
        lineID: "gw", verdict: .denied, code: .quotaExhausted, rules: [.gw4])

    @Test("GEN-4: the money goes to the original payment method")
    func original() {
        let outcome = outcome(unused) { .succeeded(.of($0, currency: "JPY")) }
        #expect(outcome?.status == .refunded)
        #expect(
            outcome?.refund
                == RefundOutcome.Refund(
                    amount: 660, currency: "JPY",
                    legs: [
                        RefundOutcome.Leg(
                            paymentID: "p-1", amount: 660, route: .original, status: .succeeded,
                            reference: "re_p-1")
                    ]))
    }

    @Test("GEN-5: only a definite failure sends it to the balance, which is success all the same")
    func balance() {
        let closed = outcome(unused) { _ in .closedCard }
        #expect(closed?.status == .refunded)
        #expect(closed?.orderStatus == "refund_succeeded")
        #expect(closed?.refund?.legs.map(\.route) == [.balance])
        #expect(outcome(unused) { _ in .unknown(.noAnswer) } == nil)
    }

    @Test("PCA-4: a refunded CA's own status becomes refunded, other products have none")
    func resourceStatus() {
        let all = outcome(unused) { .succeeded(.of($0, currency: "JPY")) }
        #expect(all?.lines.map(\.resourceStatus) == ["refunded", nil])
        #expect(all?.orderStatus == "refund_succeeded")
        let some = outcome(denied) { .succeeded(.of($0, currency: "JPY")) }
        #expect(some?.status == .partiallyRefunded)
        #expect(some?.orderStatus == "refund_succeeded")
        #expect(some?.lines.map(\.resourceStatus) == ["refunded", nil])
        #expect(some?.refund?.amount == 500)
    }

    @Test("PCA-4: nothing is said of the CA before the money is settled")
    func notBefore() {
        let pending = outcome(unused) { .pending(.of($0, currency: "JPY")) }
        #expect(pending?.status == .settling)
        #expect(pending?.orderStatus == nil)
        #expect(pending?.lines.map(\.resourceStatus) == [nil, nil])
    }
}
