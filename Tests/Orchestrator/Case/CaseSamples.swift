import FoundationEssentials
import RefundMessages
import Testing

@testable import Orchestrator

/// One order and the cases of requests on it.
enum CaseSamples {
    static let paidAt = Instant(seconds: 1_790_000_000)
    static let now = paidAt.advanced(bySeconds: 86_400)
    static let limits = SettlementLimits(budget: 10)
    static let policy = RefundPolicy(
        version: "test", zone: .gmt, windowDays: 7, promotions: [:])

    /// Lines `g` (gateway, 160) and `n` (notifications, 100), paid by `p-1` (200) and `p-2` (60).
    static func order(promotion: String? = nil) -> OrderPaid {
        OrderPaid(
            orderID: "o-1", version: 1, accountID: "a-1", paidAt: paidAt, currency: "USD",
            promotion: promotion,
            payments: [
                OrderPayment(
                    paymentID: "p-1", provider: .sandbox, reference: "card_ok_1", method: "card",
                    cash: 200),
                OrderPayment(
                    paymentID: "p-2", provider: .sandbox, reference: "card_ok_2", method: "card",
                    cash: 60),
            ],
            lines: [
                OrderLine(lineID: "g", product: .gateway, fee: 160, cash: 160),
                OrderLine(lineID: "n", product: .notifications, fee: 100, cash: 100),
            ])
    }

    static func request(
        lines: [String]? = nil, allOrNothing: Bool = false, dryRun: Bool = false
    ) -> RefundRequest {
        RefundRequest(
            requestID: "r-1", orderID: "o-1", accountID: "a-1", requestedAt: now, lines: lines,
            allOrNothing: allOrNothing, dryRun: dryRun)
    }

    static func opened(
        _ request: RefundRequest = request(), promotion: String? = nil,
        standing: [String: LineStanding] = [:]
    ) -> RefundCase {
        let order = order(promotion: promotion)
        let caseID = request.dryRun ? "~d" : request.requestID
        let assessment = GeneralRules.assess(
            request, caseID: caseID, order: order,
            lines: GeneralRules.requestedLines(request, order: order, standing: standing),
            standing: standing, policy: policy, calendar: RefundCalendar(zone: .gmt))
        return settled(
            .open(
                request, caseID: caseID, traceparent: nil, order: order, assessment: assessment,
                policyVersion: "test", now: now))
    }

    /// What the store does after each change.
    static func settled(_ value: RefundCase) -> RefundCase {
        var value = value
        if value.needsLegs { value.planLegs(order().payments.map { ($0, $0.cash) }) }
        value.refreshOutcome()
        return value
    }

    static func result(
        _ product: Product, _ verdict: LineVerdict, revision: Int64 = 1
    ) -> RefundResult {
        RefundResult(
            caseID: "r-1", requestID: "r-1", orderID: "o-1", product: product, revision: revision,
            lines: [verdict])
    }

    static let gatewayEligible = LineVerdict(
        lineID: "g", verdict: .eligible, code: .eligible, rules: [.gw2], amount: 160)
    static let gatewayMetered = LineVerdict(
        lineID: "g", verdict: .review, code: .meteredUsage, rules: [.gw4], amount: 128)
    static let gatewaySteps = LineVerdict(
        lineID: "g", verdict: .actionRequired, code: .releaseRequired, rules: [.gw3],
        steps: [Step(.resetGateway)])
    static let notificationsEligible = LineVerdict(
        lineID: "n", verdict: .eligible, code: .eligible, rules: [.ntf1], amount: 100)
    static let notificationsInUse = LineVerdict(
        lineID: "n", verdict: .denied, code: .inUse, rules: [.ntf1])
}

extension RefundCase {
    /// Applies one change as the store does.
    mutating func change(_ body: (inout RefundCase) throws -> Void) rethrows {
        try body(&self)
        self = CaseSamples.settled(self)
    }

    mutating func take(_ result: RefundResult) {
        change { _ = $0.apply(result, now: CaseSamples.now) }
    }

    mutating func decide(_ decision: ReviewDecision) throws {
        try change { try $0.apply(decision, now: CaseSamples.now) }
    }

    /// Hands over every leg and lets the provider answer for each.
    mutating func pay(_ answer: (Leg) -> ProviderAnswer = { .paid($0) }) {
        change { value in
            for leg in value.legs {
                let legID = value.legID(of: leg)
                value.happen(.begin, to: legID)
                value.happen(.answer(answer(leg), to: .refund, attempt: 1), to: legID)
            }
        }
    }

    /// Something that happens to a leg, without what the store does after it.
    @discardableResult
    mutating func happen(
        _ event: LegEvent, to legID: String, at now: Instant = CaseSamples.now
    ) -> [CaseEffect] {
        do {
            return try apply(event, to: legID, now: now, limits: CaseSamples.limits).effects
        } catch {
            Issue.record("\(event) is refused")
            return []
        }
    }
}

extension ProviderAnswer {
    static func paid(_ leg: Leg) -> ProviderAnswer {
        .succeeded(.of(leg, currency: "USD"))
    }

    static let closedCard = ProviderAnswer.failed(reason: "expired_or_canceled_card", nil)
    static let disputed = ProviderAnswer.failed(
        reason: "charge_for_pending_refund_disputed", nil)
}

extension RefundObject {
    static func of(_ leg: Leg, currency: String) -> RefundObject {
        RefundObject(
            reference: "re_\(leg.paymentID)", amount: leg.amount, currency: currency)
    }
}
