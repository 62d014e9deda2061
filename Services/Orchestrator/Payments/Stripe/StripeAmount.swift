import RefundMessages

/// Amounts as Stripe counts them. Ours are minor units of ISO 4217; Stripe's are nearly the same, with
/// the special cases of its page "Supported currencies".
enum StripeAmount {
    /// Decimals of Stripe's own unit where they are not ISO 4217's: ISK and UGX have no decimals any
    /// more and are still written with two (`00`), MGA has two and is written with none.
    private static let decimals = ["ISK": 2, "UGX": 2, "MGA": 0]

    /// With three decimals the last must be 0, for the card networks know only two.
    private static let threeDecimalStep: Int64 = 10

    /// Our amount in Stripe's units.
    /// - Returns: nil where Stripe has no such amount. It is never rounded.
    static func encode(_ amount: Int64, _ currency: String) -> Int64? {
        guard let scale = scale(of: currency) else { return nil }
        if scale.isThreeDecimal, !amount.isMultiple(of: threeDecimalStep) { return nil }
        let (scaled, overflow) = amount.multipliedReportingOverflow(by: scale.multiply)
        guard !overflow, scaled.isMultiple(of: scale.divide) else { return nil }
        return scaled / scale.divide
    }

    /// Stripe's amount in our units.
    /// - Returns: nil where our units cannot say it.
    static func decode(_ amount: Int64, _ currency: String) -> Int64? {
        guard let scale = scale(of: currency) else { return nil }
        let (scaled, overflow) = amount.multipliedReportingOverflow(by: scale.divide)
        guard !overflow, scaled.isMultiple(of: scale.multiply) else { return nil }
        return scaled / scale.multiply
    }

    private struct Scale {
        var multiply: Int64
        var divide: Int64
        var isThreeDecimal: Bool
    }

    private static func scale(of currency: String) -> Scale? {
        guard let ours = Currency.exponent(of: currency) else { return nil }
        let difference = (decimals[currency] ?? ours) - ours
        return Scale(
            multiply: powerOfTen(difference), divide: powerOfTen(-difference),
            isThreeDecimal: ours == 3)
    }

    private static func powerOfTen(_ exponent: Int) -> Int64 {
        (0..<max(exponent, 0)).reduce(1) { power, _ in power * 10 }
    }
}
