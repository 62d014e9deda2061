import RefundMessages

/// Where an order line stands apart from the request at hand.
enum LineStanding: Sendable, Hashable {
    case free
    /// Another open request may still pay it.
    case inProgress
    case refunded
}

/// What a promotion's terms did to one line (GEN-2). Kept with the case: a result that comes later
/// is finished with it.
struct PromotionEffect: OptionSet, Sendable, Hashable {
    let rawValue: UInt8

    /// The promotion's `windowDays` gave another deadline than the policy's ordinary window.
    static let deadlineMoved = PromotionEffect(rawValue: 1 << 0)
    /// `refundablePercent` lowered the line's refundable cash (or that of its certificate line).
    static let amountMoved = PromotionEffect(rawValue: 1 << 1)
    /// The promotion has no configured terms.
    static let termsUnknown = PromotionEffect(rawValue: 1 << 2)
}

/// What the general rules found about a request, before any product is asked.
struct GeneralAssessment: Sendable, Hashable {
    /// What they say of one line.
    enum Finding: Sendable, Hashable {
        case denied(LineVerdict)
        /// Its product's rules decide. `refundable` in minor units, after `refundablePercent`.
        case toBeChecked(refundable: Int64)
    }

    /// One requested line.
    struct Line: Sendable, Hashable {
        var lineID: String
        var product: Product
        var finding: Finding
        var effect: PromotionEffect
    }

    /// The order's deadline, exclusive (GEN-1, GEN-2).
    var deadline: Instant
    /// The end of the 5th business day after the day of the request (SSL-7).
    var revocationExpectedBy: Instant
    /// In the order in which the lines were requested.
    var lines: [Line]
    /// One for each product with a line to be checked, sorted by product; a managed service stands
    /// in the same check as its certificate.
    var checks: [RefundCheck]
}
