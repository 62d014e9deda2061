import AMQP
import HTTPTypes
import RefundMessages
import Telemetry
import Testing

@testable import PaymentWebhook

/// What becomes of a signed event, and what is published for it.
@Suite(.timeLimit(.minutes(10))) struct EventDeskTests {
    private func take(_ body: [UInt8], at bench: Bench) async throws -> WebhookResult {
        let header = EventRequest.signature(body, secret: EventRequest.secret, age: 0)
        let signature = try #require(StripeSignature(header: header))
        return await bench.desk.take(body, signature: signature)
    }

    @Test func eachLegOfAnEventIsANoticeOfItsOwn() async throws {
        let bench = try Bench()
        let charge = StripeEventTests.charge([StripeEventTests.ours, StripeEventTests.alsoOurs])
        let body = StripeEventTests.event("charge.refunded", charge, id: "evt_9")
        #expect(try await take(body, at: bench) == .published)
        let messages = bench.publisher.published
        #expect(messages.map(\.properties.messageID) == ["evt_9", "evt_9:2"])
        #expect(messages.map(\.properties.correlationID) == ["r-1", "r-2"])
        for (message, leg) in zip(messages, ["r-1/p-1", "r-2/p-1"]) {
            #expect(message.exchange == "refund.payments")
            #expect(message.routingKey == "stripe")
            #expect(message.mandatory)
            #expect(message.properties.deliveryMode == 2)
            #expect(message.properties.type == "refund.payment.v1")
            #expect(message.properties.appID == "payment-webhook")
            let notice = PaymentNotice(provider: .stripe, eventID: "evt_9", legID: leg)
            #expect(try PaymentNotice.decode(message.body) == notice)
        }
    }

    @Test func aRepetitionIsPublishedOnce() async throws {
        let bench = try Bench()
        let body = StripeEventTests.event("refund.updated", StripeEventTests.ours)
        #expect(try await take(body, at: bench) == .published)
        #expect(try await take(body, at: bench) == .duplicate)
        #expect(bench.publisher.published.count == 1)
    }

    @Test(arguments: [
        FakePublisher.Behaviour.nacks, .returns, .throwsAway, .neverAnswers,
    ])
    func whatTheBrokerDidNotConfirmIsNotTaken(_ behaviour: FakePublisher.Behaviour) async throws {
        let bench = try Bench(time: .seconds(3))
        bench.publisher.behave(behaviour)
        let body = StripeEventTests.event("refund.updated", StripeEventTests.ours)
        #expect(try await take(body, at: bench) == .unavailable)
        // And is not held for a duplicate when it comes again.
        bench.publisher.behave(.confirms)
        #expect(try await take(body, at: bench) == .published)
    }

    @Test func withoutABrokerNothingIsWaitedFor() async throws {
        let bench = try Bench(time: .seconds(3_600))
        bench.become(ready: false)
        bench.publisher.behave(.neverAnswers)
        let body = StripeEventTests.event("refund.updated", StripeEventTests.ours)
        #expect(try await take(body, at: bench) == .unavailable)
    }

    @Test(arguments: [
        (StripeEventTests.event("refund.updated", StripeEventTests.foreign), WebhookResult.ignored),
        (StripeEventTests.event("customer.created", "{}"), .ignored),
        (
            StripeEventTests.event("refund.updated", StripeEventTests.ours, live: "false"),
            .otherMode
        ),
        (Array("{}".utf8), .unreadable), ([0xFF, 0xFE], .unreadable), ([], .unreadable),
    ])
    func nothingElseIsPublished(_ body: [UInt8], _ result: WebhookResult) async throws {
        let bench = try Bench()
        #expect(try await take(body, at: bench) == result)
        #expect(bench.publisher.published.isEmpty)
    }

    @Test func inTestModeLiveEventsAreTheOthers() async throws {
        let bench = try Bench(isLive: false)
        let live = StripeEventTests.event("refund.updated", StripeEventTests.ours)
        let test = StripeEventTests.event("refund.updated", StripeEventTests.ours, live: "false")
        #expect(try await take(live, at: bench) == .otherMode)
        #expect(try await take(test, at: bench) == .published)
    }

    @Test func whoeverCannotSignIsToldTheSameWhateverIsWrong() {
        let results: [WebhookResult] = [
            .noSignature, .badSignature, .tooOld, .inFuture, .wrongSignature,
        ]
        #expect(Set(results.map(\.body)).count == 1)
        #expect(Set(results.map(\.status)) == [.badRequest])
    }
}
