import AMQP
import Foundation
import RefundMessages
import StripePeer
import TestSupport
import Testing

extension IntegrationTests {
    /// Money moves once, whatever the provider and the machine do.
    @Suite struct StripeChaosTests {
        /// REFUND_CHAOS=full is `make chaos`.
        private static let isFull = ProcessInfo.processInfo.environment["REFUND_CHAOS"] == "full"
        private static let payments = isFull ? 1_900 : 110
        private static let kills = isFull ? 30 : 3
        private static let share = 0.5
        /// How long a leg that nothing decides is tried; what is left then is an exception.
        private static let budget = isFull ? 90 : 10
        /// From the last kill for as long as that everything goes on failing; by then nearly every leg
        /// is final or in exception.
        private static let faultyFor = Double(budget) + (isFull ? 60 : 5)
        /// From there, with the provider healed, until every leg is: a refund that was pending is
        /// asked for within so long, however often that failed before.
        private static let settledWithin = isFull ? 300.0 : 240

        /// Most are plain; every other kind comes often enough.
        private static func fates(using random: inout SeededGenerator) -> [StripeFate] {
            let kinds: [StripeFate] = [
                .succeeds, .succeeds, .succeeds, .succeeds, .succeeds, .pendingThenSucceeds,
                .pendingThenFails("expired_or_canceled_card"), .actionThenSucceeds,
                .actionThenCanceled, .fails("lost_or_stolen_card"), .fails("unknown"),
                .reversed("declined"), .disputed, .refundedElsewhere,
                .fails("charge_for_pending_refund_disputed"), .lacksFundsOnce,
            ]
            return (0..<payments).map { kinds[$0 % kinds.count] }.shuffled(using: &random)
        }

        @Test(
            "At 50 % faults of all kinds, the orchestrator killed at random, no money is lost or doubled",
            .timeLimit(.minutes(12)))
        func chaos() async throws {
            var random = SeededGenerator()
            print("chaos: REFUND_TEST_SEED=\(random.seed)")
            var configuration = StripeFaultProxy.Configuration()
            configuration.stall = .milliseconds(1_500)
            configuration.faults = StripeFaultPlan(seed: random.seed)
            try await StripeSystem.with(budget: "\(Self.budget)s", configuration) { stripe in
                let cases = try await stripe.prepare(Self.fates(using: &random), prefix: "chaos")
                await stripe.proxy.setFaults(
                    StripeFaultPlan(share: Self.share, seed: random.seed))
                let start = ContinuousClock.now
                try await stripe.request(cases)
                try await kill(stripe, outOf: cases.count, using: &random)
                let killed = ContinuousClock.now
                let check = StripeBooksCheck(stripe: stripe, cases: cases)
                let left = await check.unsettled(after: Self.faultyFor)
                print(
                    "chaos: \(cases.count) settlements, \(Self.kills) kills in \(killed - start); "
                        + "\(left) not settled \(ContinuousClock.now - killed) after the last")
                await stripe.proxy.setFaults(StripeFaultPlan())
                try await check.waitUntilSettled(within: Self.settledWithin)
                print("chaos: all settled \(ContinuousClock.now - killed) after the last kill")
                try await check.check()
                let struck = await stripe.proxy.struck
                print("chaos: faults", struck.map { "\($0.key) \($0.value)" }.sorted())
                let kinds = Set(StripeFault.ofRefunds + StripeFault.ofLookUps)
                #expect(Set(struck.keys) == kinds || !Self.isFull)
                try await stripe.system.waitUntilHandled(
                    ["refund.settlements", "refund.payments", "refund.results"])
                let dead = try await stripe.system.client.topology()
                    .checkQueue("refund.dead-letters")
                #expect(dead.messages == 0)
            }
        }

        /// Kills at moments spread over the progress, each a little after an outcome. The first waits
        /// for some, or requests would be delivered more often than the broker lets them.
        private func kill(
            _ stripe: StripeSystem, outOf count: Int, using random: inout SeededGenerator
        ) async throws {
            for number in 0..<Self.kills {
                let moment = (number + 3) * count / (2 * Self.kills + 6)
                _ = await eventually(within: 10) { stripe.system.messages.finals >= moment }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...400, using: &random)))
                try await stripe.system.kill(.orchestrator)
                try await stripe.system.start([.orchestrator])
            }
        }
    }
}
