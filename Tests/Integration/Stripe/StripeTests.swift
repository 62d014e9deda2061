import RefundMessages
import StripePeer
import TestSupport
import Testing

extension IntegrationTests {
    /// The real orchestrator at localstripe.
    @Suite struct StripeTests {
        /// How a refund of each fate must end, without a fault on the way.
        private static let endings: [(StripeFate, StripeBooksCheck.Standing)] = [
            (.succeeds, .paid), (.pendingThenSucceeds, .paid), (.actionThenSucceeds, .paid),
            (.pendingThenFails("lost_or_stolen_card"), .credited),
            (.pendingThenFails("unknown"), .credited), (.actionThenCanceled, .credited),
            (.fails("expired_or_canceled_card"), .credited), (.fails("declined"), .credited),
            (.fails("charge_for_pending_refund_disputed"), .exception),
            (.fails("merchant_request"), .exception), (.disputed, .exception),
            (.reversed("declined"), .credited), (.refundedElsewhere, .exception),
        ]

        @Test(
            "A refund of every kind ends at Stripe as the contract says", .timeLimit(.minutes(10)))
        func everyEnding() async throws {
            // An answer that is only late must come: a refund that is reversed was paid first.
            try await StripeSystem.with(budget: "5m", callTimeout: "12s") { stripe in
                let cases = try await stripe.prepare(Self.endings.map(\.0), prefix: "end")
                try await stripe.request(cases)
                let check = StripeBooksCheck(stripe: stripe, cases: cases)
                let expected = Dictionary(
                    uniqueKeysWithValues: Self.endings.map { ($0.0, $0.1) })
                let came = await eventually(within: 240) {
                    cases.allSatisfy { check.standing($0) == expected[$0.leg.fate] }
                }
                for one in cases where !came {
                    #expect(check.standing(one) == expected[one.leg.fate], "\(one.leg.fate)")
                }
                try await check.check()
                let reversed = try #require(cases.first { $0.leg.fate == .reversed("declined") })
                let routes = stripe.system.messages.outcomes(of: reversed.id)
                    .filter { $0.status == .refunded }.map { $0.refund?.legs.first?.route }
                #expect(routes == [.original, .balance])
            }
        }
    }
}
