import Foundation

/// What the operator sets about the rules: the zone and length of the refund window (GEN-1) and
/// the terms of each promotion (GEN-2).
struct RefundPolicy: Sendable, Hashable {
    /// Days in a window, `windowDays` of the policy and of a promotion.
    static let windowDaysRange = 0...3_650
    /// Percent of the cash, `refundablePercent` of a promotion.
    static let percentRange = 0...100

    /// Named in every outcome as `policyVersion`.
    var version: String
    /// The zone whose calendar days count.
    var zone: TimeZone
    /// The ordinary window: days after the payment day.
    var windowDays: Int
    /// Terms by promotion id. A promotion that is not here is never guessed (GEN-2).
    var promotions: [String: PromotionTerms]
}

/// A promotion's own terms (GEN-2). What is nil is as for any other order.
struct PromotionTerms: Sendable, Hashable {
    /// False: nothing of such an order is refunded.
    var refundable = true
    /// Replaces the policy's window.
    var windowDays: Int?
    /// Of the cash, line by line, rounded down.
    var refundablePercent: Int?
}
