import Foundation
import RefundMessages

@testable import Orchestrator

/// An instant by its RFC 3339 text, read without the code under test.
func at(_ text: String, nanoseconds: Int32 = 0) -> Instant {
    let date = ISO8601DateFormatter().date(from: text)
    return Instant(
        seconds: Int64(date?.timeIntervalSince1970 ?? .nan), nanoseconds: nanoseconds)
}

func zone(_ identifier: String) -> TimeZone { TimeZone(identifier: identifier) ?? .gmt }

/// The policy of deploy/refund-policy.yaml, and an order to ask about.
enum RulesSample {
    static let policy = RefundPolicy(
        version: "test", zone: zone("Asia/Shanghai"), windowDays: 7,
        promotions: [
            "promo-nonrefundable": PromotionTerms(refundable: false),
            "promo-window-3d": PromotionTerms(windowDays: 3),
            "promo-half": PromotionTerms(refundablePercent: 50),
            "promo-nothing": PromotionTerms(refundablePercent: 0),
            "promo-ordinary": PromotionTerms(windowDays: 7, refundablePercent: 100),
        ])
    static let calendar = RefundCalendar(zone: policy.zone)

    /// Paid on the 20th in Shanghai: the ordinary deadline is the start of the 28th there.
    static let paidAt = at("2026-11-20T03:00:00+08:00")
    static let deadline = at("2026-11-27T16:00:00Z")
    static let requestedAt = at("2026-11-23T07:00:00Z")

    static func order(_ lines: [OrderLine], promotion: String? = nil) -> OrderPaid {
        OrderPaid(
            orderID: "o-1", version: 1, accountID: "a-1", paidAt: paidAt, currency: "USD",
            promotion: promotion, payments: [], lines: lines)
    }

    static func assess(
        _ lines: [OrderLine], asking requested: [String]? = nil, promotion: String? = nil,
        standing: [String: LineStanding] = [:], requestedAt: Instant = requestedAt
    ) -> GeneralAssessment {
        let request = RefundRequest(
            requestID: "r-1", orderID: "o-1", accountID: "a-1", requestedAt: requestedAt,
            lines: requested)
        let order = order(lines, promotion: promotion)
        return GeneralRules.assess(
            request, caseID: "case", order: order,
            lines: GeneralRules.requestedLines(request, order: order, standing: standing),
            standing: standing, policy: policy, calendar: calendar)
    }
}

extension OrderLine {
    static func gateway(_ id: String, fee: Int64 = 160, cash: Int64 = 160) -> OrderLine {
        OrderLine(lineID: id, product: .gateway, fee: fee, cash: cash)
    }

    static func certificate(_ id: String, cash: Int64) -> OrderLine {
        OrderLine(lineID: id, product: .certificates, fee: 1_000, cash: cash)
    }

    static func managedService(_ id: String, of parent: String, cash: Int64) -> OrderLine {
        OrderLine(
            lineID: id, product: .certificates, item: .managedService, parent: parent, fee: 500,
            cash: cash)
    }
}

extension GeneralAssessment {
    /// Each requested line in one text: `1 window_closed GEN-1`, or `1 check 160`.
    var summary: [String] {
        lines.map { line in
            switch line.finding {
            case .denied(let verdict):
                ([line.lineID, verdict.code.rawValue] + verdict.rules.map(\.rawValue))
                    .joined(separator: " ")
            case .toBeChecked(let refundable): "\(line.lineID) check \(refundable)"
            }
        }
    }
}
