import RefundMessages

/// A promotion's terms as they apply to one order (GEN-2).
struct PromotionReading {
    /// False: nothing of the order is refunded.
    let isRefundable: Bool
    /// Days after the payment day.
    let windowDays: Int
    /// What every line of the order owes to the promotion.
    let effect: PromotionEffect
    private let percent: Int64

    init(_ promotion: String?, policy: RefundPolicy) {
        let terms = promotion.map { policy.promotions[$0] }
        isRefundable = terms??.refundable ?? true
        windowDays = terms??.windowDays ?? policy.windowDays
        percent = Int64(terms??.refundablePercent ?? 100)
        var effect: PromotionEffect = []
        if case .some(.none) = terms { effect.insert(.termsUnknown) }
        if windowDays != policy.windowDays { effect.insert(.deadlineMoved) }
        self.effect = effect
    }

    /// The part of a line's cash that can be refunded, rounded down; both in minor units.
    func refundable(_ cash: Int64) -> Int64 {
        // Cash is at most 2^53 − 1, so the product fits.
        cash * percent / 100
    }
}
