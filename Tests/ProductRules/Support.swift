import Foundation
import ProductWorker
import RefundMessages
import Testing

/// An instant by its RFC 3339 text in UTC, read without the code under test.
func at(_ text: String) -> Instant {
    let date = ISO8601DateFormatter().date(from: text)
    return Instant(seconds: Int64(date?.timeIntervalSince1970 ?? .nan))
}

/// Paid 2026-11-19 in Shanghai, so the deadline is the start of the 27th there.
enum Sample {
    static let requestedAt = at("2026-11-23T07:00:00Z")
    static let deadline = at("2026-11-26T16:00:00Z")
    static let expectedBy = at("2026-11-30T16:00:00Z")

    static func check(
        _ product: Product, _ lines: [CheckLine], deadline: Instant = deadline,
        expectedBy: Instant = expectedBy
    ) -> RefundCheck {
        RefundCheck(
            caseID: "r-1", requestID: "r-1", orderID: "o-1", product: product, dryRun: false,
            requestedAt: requestedAt, deadline: deadline, revocationExpectedBy: expectedBy,
            lines: lines)
    }
}

extension ProductRules {
    /// The verdict on a single line `1`, nil where its usage is unknown.
    static func verdict(
        on facts: UsageFacts?, fee: Int64 = 1_000, refundable: Int64 = 1_000,
        deadline: Instant = Sample.deadline
    ) -> LineVerdict? {
        let check = Sample.check(
            product, [CheckLine(lineID: "1", fee: fee, refundable: refundable)], deadline: deadline)
        let assessments = assess(check, facts: facts.map { ["1": $0] } ?? [:])
        #expect(assessments.count == 1)
        guard case .decided(let verdict) = assessments.first else { return nil }
        return verdict
    }
}

extension LineVerdict {
    /// The rules' ids as the rule book writes them.
    var ruleIDs: [String] { rules.map(\.rawValue) }

    /// Each step as `action target`.
    var stepTexts: [String] { steps.map { "\($0.action.rawValue) \($0.target ?? "-")" } }
}
