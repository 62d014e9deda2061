import Foundation
import FoundationNetworking
import RefundMessages
import StripePeer
import TestSupport
import Testing

extension IntegrationTests {
    /// From Stripe's signed event to the outcome: an event only says where to look.
    @Suite struct WebhookTests {
        @Test(
            "An event moves money only as Stripe itself answers: untrue, late, twice, out of order",
            .timeLimit(.minutes(10)))
        func eventsOnlySayWhereToLook() async throws {
            var configuration = StripeFaultProxy.Configuration()
            configuration.turnMilliseconds = 3_000...3_000
            // An answer that is only late must come: by the next one the refund has turned.
            try await StripeSystem.with(budget: "5m", callTimeout: "12s", configuration) { stripe in
                await stripe.proxy.setEvents(nil)
                let cases = try await stripe.prepare(
                    [.pendingThenSucceeds, .reversed("declined")], prefix: "event")
                try await stripe.request(cases)
                try await lies(about: cases[0], stripe)
                try await lateNews(of: cases[1], stripe)
                try await StripeBooksCheck(stripe: stripe, cases: cases).check()
            }
        }

        /// Signed, and not true: Stripe is asked, and its answer counts.
        private func lies(about one: StripeCase, _ stripe: StripeSystem) async throws {
            try await stripe.system.outcome(of: one.id) { $0.status == .settling }
            let asked = await stripe.proxy.requests
            for status in ["failed", "canceled"] {
                let lie = Event("refund.updated", of: one, status: status, amount: 1)
                #expect(try await lie.send(to: stripe.events) == 200)
            }
            #expect(await eventually { await stripe.proxy.requests > asked })
            try await stripe.system.waitUntilHandled(["refund.payments"])
            #expect(try await stands(one, at: .succeeded, stripe))
            let truth = Event("refund.updated", of: one, status: "succeeded", amount: 1)
            #expect(try await truth.send(to: stripe.events) == 200)
            let settled = try await stripe.system.outcome(of: one.id)
            #expect(settled.refund?.legs.map(\.route) == [.original])
            // Nor was it ever said to be credited in between.
            let routes = stripe.system.messages.outcomes(of: one.id)
                .flatMap { $0.refund?.legs.map(\.route) ?? [] }
            #expect(!routes.contains(.balance))
        }

        /// A refund that Stripe takes back: nobody would ask for days, were it not for the events.
        private func lateNews(of one: StripeCase, _ stripe: StripeSystem) async throws {
            let paid = try await stripe.system.outcome(of: one.id)
            #expect(paid.refund?.legs.map(\.route) == [.original])
            #expect(try await stands(one, at: .failed("declined"), stripe))
            let news = Event("refund.failed", of: one, status: "failed", amount: one.leg.amount)
            var stranger = stripe.events
            stranger.secret = "whsec_of_somebody_else"
            #expect(try await news.send(to: stranger) == 400)
            #expect(stripe.system.messages.latest(of: one.id) == paid)

            let older = ["succeeded", "pending"].map {
                Event("refund.updated", of: one, status: $0, amount: one.leg.amount)
            }
            for event in [news] + older + [news] + older.reversed() {
                #expect(try await event.send(to: stripe.events) == 200)
            }
            let credited = try await stripe.system.outcome(of: one.id) {
                $0.refund?.legs.first?.route == .balance
            }
            #expect(credited.status == .refunded)
            #expect(credited.revision > paid.revision)
            try await stripe.system.waitUntilHandled(["refund.payments", "refund.settlements"])
            #expect(stripe.system.messages.latest(of: one.id) == credited)
        }

        /// Waits until the refund stands so in Stripe's books.
        private func stands(
            _ one: StripeCase, at status: StripeStatus, _ stripe: StripeSystem
        ) async throws -> Bool {
            await eventually {
                await stripe.proxy.books.refunds(ofLeg: one.leg.id).first?.status == status
            }
        }
    }

    /// An event as Stripe writes it.
    private struct Event {
        var id: String
        var body: [UInt8]

        init(_ type: String, of one: StripeCase, status: String, amount: Int64) {
            id = "evt_\(one.id)_\(status)"
            body = Array(
                (#"{"id":"\#(id)","object":"event","livemode":false,"type":"\#(type)","data":"#
                    + #"{"object":{"id":"re_1","object":"refund","status":"\#(status)","#
                    + #""amount":\#(amount),"currency":"eur","#
                    + #""metadata":{"leg_id":"\#(one.leg.id)"}}}}"#).utf8)
        }

        /// - Returns: the status of the answer.
        func send(to events: StripeEvents) async throws -> Int? {
            guard let url = URL(string: events.url) else { return nil }
            var request = URLRequest(url: url)
            request.httpMethod = "POST"
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            let now = Int(Date().timeIntervalSince1970)
            request.setValue(
                StripeEvents.signature(of: body, secret: events.secret, at: now),
                forHTTPHeaderField: "Stripe-Signature")
            request.httpBody = Data(body)
            let (_, response) = try await URLSession.shared.data(for: request)
            return (response as? HTTPURLResponse)?.statusCode
        }
    }
}
