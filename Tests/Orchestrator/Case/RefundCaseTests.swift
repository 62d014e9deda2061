import RefundMessages
import Testing

@testable import Orchestrator

private typealias Samples = CaseSamples

@Suite("A case aggregates results, decides and settles")
struct RefundCaseTests {
    @Test func `one check goes out for each product until its result is there`() {
        var value = Samples.opened()
        #expect(
            value.outstanding(now: Samples.now).map(\.name) == [
                "check gateway", "check notifications",
            ])
        #expect(value.claims == ["g": .open, "n": .open])
        value.take(Samples.result(.gateway, Samples.gatewayEligible))
        #expect(value.outstanding(now: Samples.now).map(\.name) == ["check notifications"])
        #expect(value.outcome == nil)
    }

    @Test func `a refund of everything lies on the payments in their order`() throws {
        var value = Samples.opened()
        value.take(Samples.result(.gateway, Samples.gatewayEligible))
        value.take(Samples.result(.notifications, Samples.notificationsEligible))
        #expect(value.legs.map(\.amount) == [200, 60])
        #expect(
            value.outstanding(now: Samples.now).map(\.name) == ["settle r-1/p-1", "settle r-1/p-2"])
        value.pay()
        let outcome = try #require(value.outcome)
        #expect(outcome.status == .refunded)
        #expect(outcome.revision == 1)
        #expect(outcome.orderStatus == "refund_succeeded")
        #expect(outcome.refund?.amount == 260)
        #expect(value.claims == ["g": .refunded, "n": .refunded])
        #expect(value.takings == ["p-1": 200, "p-2": 60])
    }

    @Test func `a denied line beside a refunded one is partially_refunded and free again`() {
        var value = Samples.opened()
        value.take(Samples.result(.notifications, Samples.notificationsInUse))
        #expect(value.claims == ["g": .open], "a denied line is free while the case is open")
        value.take(Samples.result(.gateway, Samples.gatewayEligible))
        value.pay()
        #expect(value.outcome?.status == .partiallyRefunded)
        #expect(value.claims == ["g": .refunded])
    }

    @Test func `steps come before denials in the status of a request that pays nothing`() {
        var value = Samples.opened()
        value.take(Samples.result(.notifications, Samples.notificationsInUse))
        value.take(Samples.result(.gateway, Samples.gatewaySteps))
        #expect(value.outcome?.status == .actionRequired)
        #expect(value.outcome?.refund == nil)
        #expect(value.claims.isEmpty)
    }

    @Test func `GW-4 the vendor's example pays 1.28 after the approval`() throws {
        var value = Samples.opened(Samples.request(lines: ["g"]))
        value.take(Samples.result(.gateway, Samples.gatewayMetered))
        #expect(value.outcome?.status == .inReview)
        #expect(value.legs.isEmpty, "nothing is paid before the decision")
        try value.decide(
            ReviewDecision(requestID: "r-1", lineID: "g", decision: .approve, operator: "kim"))
        value.pay()
        let line = try #require(value.outcome?.lines.first?.verdict)
        #expect(line.code == .reviewApproved)
        #expect(line.rules == [.gw4])
        #expect(value.outcome?.refund?.amount == 128)
        #expect(value.outcome?.revision == 2)
    }

    @Test(arguments: [
        (
            ReviewDecision(
                requestID: "r-1", lineID: "g", decision: .approve, amount: 129, operator: "k"),
            DeadLetterReason.amountTooHigh
        ),
        (
            ReviewDecision(requestID: "r-1", lineID: "n", decision: .approve, operator: "k"),
            .notInReview
        ),
        (
            ReviewDecision(requestID: "r-1", lineID: "x", decision: .deny, operator: "k"),
            .notInReview
        ),
    ])
    func `a decision that may not be is refused and changes nothing`(
        _ decision: ReviewDecision, _ reason: DeadLetterReason
    ) {
        var value = Samples.opened()
        value.take(Samples.result(.gateway, Samples.gatewayMetered))
        value.take(Samples.result(.notifications, Samples.notificationsEligible))
        let before = value
        let fault = #expect(throws: MessageFault.self) { try value.decide(decision) }
        #expect(fault?.reason == reason)
        #expect(value == before)
    }

    @Test func `a denial by the reviewer keeps the line's rules`() throws {
        var value = Samples.opened(Samples.request(lines: ["g"]))
        value.take(Samples.result(.gateway, Samples.gatewayMetered))
        try value.decide(ReviewDecision(requestID: "r-1", decision: .deny, operator: "kim"))
        let line = try #require(value.outcome?.lines.first?.verdict)
        #expect(value.outcome?.status == .denied)
        #expect(line.code == .reviewDenied)
        #expect(line.rules == [.gw4])
        #expect(line.amount == nil)
    }

    @Test func `all or nothing is decided by a denial without a review of the others`() {
        var value = Samples.opened(Samples.request(allOrNothing: true))
        value.take(Samples.result(.gateway, Samples.gatewayMetered))
        value.take(Samples.result(.notifications, Samples.notificationsInUse))
        #expect(value.outcome?.status == .denied)
        #expect(value.outcome?.lines.map(\.verdict.code) == [.allOrNothing, .inUse])
        #expect(value.outcome?.lines.map(\.verdict.rules) == [[.gw4], [.ntf1]])
        #expect(value.claims.isEmpty)
    }

    @Test func `an approval of less counts as all`() throws {
        var value = Samples.opened(Samples.request(allOrNothing: true))
        value.take(Samples.result(.gateway, Samples.gatewayMetered))
        value.take(Samples.result(.notifications, Samples.notificationsEligible))
        try value.decide(
            ReviewDecision(
                requestID: "r-1", lineID: "g", decision: .approve, amount: 1, operator: "kim"))
        value.pay()
        #expect(value.outcome?.status == .refunded)
        #expect(value.outcome?.refund?.amount == 101)
    }

    @Test func `GEN-2 an eligible line of an unknown promotion goes to review`() {
        var value = Samples.opened(promotion: "promo-x")
        value.take(Samples.result(.gateway, Samples.gatewayEligible))
        value.take(Samples.result(.notifications, Samples.notificationsInUse))
        #expect(value.outcome?.status == .inReview)
        #expect(value.outcome?.lines.map(\.verdict.code) == [.promotionUnknown, .inUse])
    }

    @Test func `a dry run claims nothing, pays nothing and ends in advice`() {
        var value = Samples.opened(Samples.request(dryRun: true))
        #expect(value.claims.isEmpty)
        for (product, verdict) in [
            (Product.gateway, Samples.gatewayEligible),
            (.notifications, Samples.notificationsEligible),
        ] {
            value.take(Samples.result(product, verdict))
        }
        #expect(value.outcome?.status == .advice)
        #expect(value.outcome?.lines.map(\.verdict.amount) == [160, 100])
        #expect(value.legs.isEmpty)
        #expect(value.outcome?.refund == nil)
    }

    @Test func `a stored case is read back as it was`() throws {
        var value = Samples.opened()
        value.take(Samples.result(.gateway, Samples.gatewayMetered))
        value.take(Samples.result(.notifications, Samples.notificationsEligible))
        try value.decide(
            ReviewDecision(requestID: "r-1", lineID: "g", decision: .approve, operator: "kim"))
        value.pay { $0.paymentID == "p-1" ? .paid($0) : .unknown(.noAnswer) }
        #expect(try RefundCase(stored: value.encodeForStore()) == value)
    }
}

@Suite("A revised result wins until a leg was handed over")
struct RevisionTests {
    @Test func `a revision replaces planned legs`() {
        var value = Samples.opened(Samples.request(lines: ["g"]))
        value.take(Samples.result(.gateway, Samples.gatewayEligible))
        #expect(value.legs.map(\.amount) == [160])
        value.take(Samples.result(.gateway, Samples.gatewaySteps, revision: 2))
        #expect(value.legs.isEmpty)
        #expect(value.outcome?.status == .actionRequired)
        #expect(value.claims.isEmpty)
    }

    @Test func `a revision that is not higher changes nothing`() {
        var value = Samples.opened(Samples.request(lines: ["g"]))
        value.take(Samples.result(.gateway, Samples.gatewayMetered, revision: 2))
        let before = value
        value.take(Samples.result(.gateway, Samples.gatewayEligible, revision: 1))
        value.take(Samples.result(.gateway, Samples.gatewayEligible, revision: 2))
        #expect(value == before)
    }

    @Test func `an approved line whose amount changes goes back to review`() throws {
        var value = Samples.opened(Samples.request(lines: ["g"]))
        value.take(Samples.result(.gateway, Samples.gatewayMetered))
        try value.decide(ReviewDecision(requestID: "r-1", decision: .approve, operator: "kim"))
        var more = Samples.gatewayMetered
        more.amount = 120
        value.take(Samples.result(.gateway, more, revision: 2))
        #expect(value.outcome?.status == .inReview)
        #expect(value.outcome?.lines.first?.verdict.amount == 120)
        #expect(value.legs.isEmpty)
    }

    @Test func `an approved line that turns out eligible for more goes back to review`() throws {
        var value = Samples.opened()
        value.take(Samples.result(.gateway, Samples.gatewayMetered))
        var held = Samples.notificationsEligible
        (held.verdict, held.code) = (.review, .usageUnknown)
        value.take(Samples.result(.notifications, held))
        try value.decide(
            ReviewDecision(
                requestID: "r-1", lineID: "g", decision: .approve, amount: 50, operator: "kim"))
        value.take(Samples.result(.gateway, Samples.gatewayEligible, revision: 2))
        let line = try #require(value.outcome?.lines.first?.verdict)
        #expect(line.verdict == .review)
        #expect(line.amount == 160)
    }

    @Test func `nothing revives a line that a reviewer denied`() throws {
        var value = Samples.opened()
        value.take(Samples.result(.gateway, Samples.gatewayMetered))
        var held = Samples.notificationsEligible
        (held.verdict, held.code) = (.review, .usageUnknown)
        value.take(Samples.result(.notifications, held))
        try value.decide(
            ReviewDecision(requestID: "r-1", lineID: "g", decision: .deny, operator: "kim"))
        #expect(value.claims == ["n": .open], "another request may have it")
        value.take(Samples.result(.gateway, Samples.gatewayEligible, revision: 2))
        #expect(value.outcome?.lines.first?.verdict.code == .reviewDenied)
        #expect(value.claims == ["n": .open])
    }

    @Test func `an approval after a revision that denies is not in review`() {
        var value = Samples.opened(Samples.request(lines: ["g"]))
        value.take(Samples.result(.gateway, Samples.gatewayMetered))
        value.take(Samples.result(.gateway, Samples.gatewaySteps, revision: 2))
        let fault = #expect(throws: MessageFault.self) {
            try value.decide(ReviewDecision(requestID: "r-1", decision: .approve, operator: "kim"))
        }
        #expect(fault?.reason == .notInReview)
    }

    @Test func `usage after the hand-over only alerts`() throws {
        var value = Samples.opened(Samples.request(lines: ["g"]))
        value.take(Samples.result(.gateway, Samples.gatewayEligible))
        value.pay()
        let before = value.outcome
        let effects = value.apply(
            Samples.result(.gateway, Samples.gatewaySteps, revision: 2), now: Samples.now)
        #expect(effects == [.alert(.usedAfterRefund(lineID: "g"))])
        value = Samples.settled(value)
        #expect(value.outcome == before)
    }

    @Test func `a late failure credits the balance and revises the outcome`() {
        var value = Samples.opened(Samples.request(lines: ["g"]))
        value.take(Samples.result(.gateway, Samples.gatewayEligible))
        value.pay()
        value.change { value in
            value.happen(.answer(.closedCard, to: .lookUp, attempt: 1), to: "r-1/p-1")
        }
        #expect(value.outcome?.revision == 2)
        #expect(value.outcome?.status == .refunded)
        #expect(value.outcome?.refund?.legs.map(\.route) == [.balance])
    }
}

@Suite("Settling is said when the provider said it")
struct SettlingOutcomeTests {
    @Test func `a provider that has not finished is settling, retries of ours are not`() {
        var value = Samples.opened()
        value.take(Samples.result(.gateway, Samples.gatewayEligible))
        value.take(Samples.result(.notifications, Samples.notificationsEligible))
        value.pay { _ in .unknown(.noAnswer) }
        #expect(value.outcome == nil)
        value.change { value in
            let accepted = ProviderAnswer.pending(
                RefundObject(reference: "re_1", amount: 200, currency: "USD"))
            value.happen(.answer(accepted, to: .refund, attempt: 1), to: "r-1/p-1")
        }
        #expect(value.outcome?.status == .settling)
        #expect(value.outcome?.refund?.legs.map(\.status) == [.pending, .pending])
    }

    @Test func `a disputed payment is an exception and stays taken`() {
        var value = Samples.opened(Samples.request(lines: ["g"]))
        value.take(Samples.result(.gateway, Samples.gatewayEligible))
        value.pay { _ in .disputed }
        #expect(value.outcome?.status == .settlementException)
        #expect(value.outcome?.status.isFinal == false)
        #expect(value.claims == ["g": .open])
        #expect(value.takings == ["p-1": 160])
    }
}

extension OutstandingMessage {
    /// Enough to tell them apart in an expectation.
    var name: String {
        switch self {
        case .check(let check): "check \(check.product.rawValue)"
        case .settle(let leg): "settle \(leg.legID)"
        case .outcome(let outcome): "outcome \(outcome.revision)"
        }
    }
}
