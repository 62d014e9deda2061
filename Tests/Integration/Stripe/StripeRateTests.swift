import Foundation
import RefundMessages
import StripePeer
import TestSupport
import Testing

extension IntegrationTests {
    /// How many settlements one orchestrator sustains, and whom a provider that stalls holds up.
    @Suite struct StripeRateTests {
        /// Of optimised code: `make chaos`.
        private static let isFull = ProcessInfo.processInfo.environment["REFUND_CHAOS"] == "full"
        private static let latency = Duration.milliseconds(200)
        private static let settlements = 4_000
        /// Per second, with a provider that takes 200 ms.
        private static let fewest = 500.0

        @Test(
            "With a provider that takes 200 ms one orchestrator sustains 500 settlements/s",
            .enabled(if: isFull), .timeLimit(.minutes(10)))
        func rate() async throws {
            try await StripeSystem.with(
                hasPeer: false, budget: "1d", workers: [.monitoring, .monitoring]
            ) { stripe in
                let fates = [StripeFate](repeating: .succeeds, count: Self.settlements * 5 / 6)
                let cases = try await stripe.prepare(fates, prefix: "rate")
                await stripe.proxy.setEvents(nil)
                await stripe.proxy.setLatency(Self.latency)
                // Everything is decided before the provider lets anything through.
                try await stripe.request(cases)
                let tenth = cases.count / 10
                func reach(_ count: Int) async -> ContinuousClock.Instant? {
                    let came = await eventually(within: 100) {
                        stripe.system.messages.finals >= count
                    }
                    return came ? .now : nil
                }
                let first = try #require(await reach(tenth))
                let last = try #require(await reach(tenth * 9))
                let seconds = (last - first) / .seconds(1)
                let rate = Double(tenth * 8) / seconds
                let most = await stripe.proxy.mostAtOnce
                print(
                    "settlements: \(Int(rate))/s with a provider that takes 200 ms, "
                        + "\(most) calls at once")
                #expect(rate >= Self.fewest)
                #expect(await reach(cases.count) != nil)
                #expect(await stripe.proxy.books.refunds.count == cases.count)
            }
        }

        @Test(
            "A provider that stalls slows neither intake, aggregation nor another provider",
            .timeLimit(.minutes(10)))
        func stall() async throws {
            try await StripeSystem.with(hasPeer: false, budget: "1d") { stripe in
                let fates = [StripeFate](repeating: .succeeds, count: 400)
                let cases = try await stripe.prepare(fates, prefix: "stall")
                await stripe.proxy.setEvents(nil)
                let before = try await seconds(stripe, "before")
                // Longer than a call may take: nothing at Stripe is answered any more.
                await stripe.proxy.setLatency(.seconds(600))
                try await stripe.request(cases)
                let began = await eventually(within: 240) { await stripe.proxy.requests >= 200 }
                #expect(began)
                // What is held up is so every time; what a busy machine does, is not.
                var during = Double.infinity
                for attempt in 1...5 where during > 2 * before + 1 {
                    during = min(during, try await seconds(stripe, "during-\(attempt)"))
                }
                print("200 refunds elsewhere: \(before) s, and \(during) s beside a stalled Stripe")
                #expect(during <= 2 * before + 1)
                #expect(cases.allSatisfy { stripe.system.messages.latest(of: $0.id) == nil })
            }
        }

        /// How long 200 refunds through the sandbox take, from request to outcome.
        private func seconds(_ stripe: StripeSystem, _ prefix: String) async throws -> Double {
            let scenarios = (0..<200).map {
                ScenarioKind.unused(.monitoring).scenario("\(prefix)-\($0)")
            }
            try await stripe.system.publish(Scenario.facts(of: scenarios))
            try await stripe.system.waitUntilHandled(["refund.facts.orders"])
            let start = ContinuousClock.now
            try await stripe.system.publish(scenarios.map { .request($0.request) })
            try await stripe.system.awaitEndings(of: scenarios, within: 300)
            return (ContinuousClock.now - start) / .seconds(1)
        }
    }
}
