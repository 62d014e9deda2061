import RefundMessages
import Testing

@testable import Orchestrator

@Suite struct StripeAmountTests {
    @Test(
        "An amount goes to Stripe in the currency's own units and comes back the same",
        arguments: [
            ("USD", 1_234, 1_234), ("EUR", 1, 1), ("HUF", 1_045, 1_045), ("TWD", 80_045, 80_045),
            ("JPY", 500, 500), ("KRW", 500, 500), ("XAF", 1, 1), ("VND", 10_000, 10_000),
            ("CLP", 9, 9), ("KWD", 5_120, 5_120), ("BHD", 10, 10), ("TND", 1_230, 1_230),
            ("ISK", 5, 500), ("UGX", 5, 500), ("MGA", 500, 5),
        ] as [(String, Int64, Int64)])
    func scales(_ currency: String, ours: Int64, stripes: Int64) {
        #expect(StripeAmount.encode(ours, currency) == stripes)
        #expect(StripeAmount.decode(stripes, currency) == ours)
    }

    @Test(
        "An amount that Stripe cannot say is refused, never rounded",
        arguments: [
            ("KWD", 5_124), ("JOD", 1), ("OMR", 15), ("MGA", 1), ("MGA", 550),
            ("ISK", .max), ("XXX", 100), ("usd", 100),
        ] as [(String, Int64)])
    func refuses(_ currency: String, _ amount: Int64) {
        #expect(StripeAmount.encode(amount, currency) == nil)
    }

    @Test(
        "What Stripe says in fractions of our unit is not understood",
        arguments: [("ISK", 501), ("UGX", 50), ("MGA", .max), ("XAU", 1)] as [(String, Int64)])
    func doesNotDecode(_ currency: String, _ amount: Int64) {
        #expect(StripeAmount.decode(amount, currency) == nil)
    }
}
