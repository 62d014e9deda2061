import RefundMessages

/// What a payment's refunds say about one of ours: pure, over the pages that were read.
struct StripeLookUp: Sendable {
    /// Pages that are read of one payment: 5,000 refunds.
    static let mostPages = 50

    let asked: ProviderRefund
    private(set) var pages = 0
    private(set) var last: String?
    private var ours: [StripeRefund] = []
    private var live: Int64 = 0

    init(_ asked: ProviderRefund) { self.asked = asked }

    /// - Returns: whether there is more to read.
    mutating func add(_ page: StripeRefundPage) -> Bool {
        pages += 1
        ours += page.refunds.filter { $0.legID == asked.legID }
        live += page.refunds.filter(\.status.isLive).map(\.amount).reduce(0, +)
        last = page.refunds.last?.id
        return page.hasMore && last != nil
    }

    /// What was found of ours, nil where nothing was.
    ///
    /// Money that is out counts before an attempt that failed, and two that are out for one leg are
    /// told as their sum: no leg has such an amount, so it ends with an operator.
    var found: ProviderAnswer? {
        let out = ours.filter(\.status.isLive)
        if out.count > 1 {
            var sum = out[0]
            sum.amount = out.map(\.amount).reduce(0, +)
            return sum.answer(to: asked)
        }
        if let one = out.first { return one.answer(to: asked) }
        // An attempt that failed before says nothing about this one.
        return ours.first { $0.key == asked.key }?.answer(to: asked)
    }

    /// Nothing of ours was found: whether the money that ours needs is surely gone. The list must
    /// account for all that the charge says was refunded, or our own may be what is missing in it.
    func isTaken(of charge: StripeCharge) -> Bool {
        guard let amount = StripeAmount.encode(asked.amount, asked.currency) else { return false }
        return live == charge.refunded && charge.captured - charge.refunded < amount
    }
}
