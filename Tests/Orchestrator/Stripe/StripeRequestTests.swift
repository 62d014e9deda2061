import Testing

@testable import Orchestrator

@Suite struct StripeRequestTests {
    @Test(
        "A payment is named by the parameter that its reference asks for",
        arguments: [("ch_1A", "charge"), ("py_1A", "charge"), ("pi_1A", "payment_intent")])
    func namesThePayment(_ reference: String, _ parameter: String) throws {
        let request = try #require(
            StripeRequest.refund(StripeSamples.refund(of: reference), amount: 700))
        #expect(
            request.form == "\(parameter)=\(reference)&amount=700&metadata%5Bleg_id%5D=r-1%2Fp-1"
                + "&metadata%5Brequest_id%5D=r-1&metadata%5Bidempotency_key%5D=r-1%2Fp-1")
        #expect(request.idempotencyKey == "r-1/p-1")
        #expect(request.target == "/v1/refunds")
        #expect(
            StripeRequest.list(of: reference, after: "re_1")?.target
                == "/v1/refunds?\(parameter)=\(reference)&limit=100&starting_after=re_1")
    }

    @Test("A further attempt has a key of its own and the same leg")
    func attempts() throws {
        let request = try #require(
            StripeRequest.refund(StripeSamples.refund(attempt: 2), amount: 700))
        #expect(request.idempotencyKey == "r-1/p-1#2")
        #expect(request.form?.contains("leg_id%5D=r-1%2Fp-1&") == true)
        #expect(request.form?.hasSuffix("r-1%2Fp-1%232") == true)
    }

    @Test(
        "What is no payment of Stripe's is never sent",
        arguments: ["card_ok_1", "", "re_1", "ch_1/../x", "ch_1?a=b", "ch_1&amount=1", "pi_é"])
    func refusesReferences(_ reference: String) {
        #expect(StripeRequest.refund(StripeSamples.refund(of: reference), amount: 1) == nil)
        #expect(StripeRequest.list(of: reference, after: nil) == nil)
        #expect(StripeRequest.charge(of: reference) == nil)
    }

    @Test(
        "A refund's id that would change the path is not asked for",
        arguments: ["", "re_1/x", "../a", "re?b"])
    func refusesIDs(_ id: String) {
        #expect(StripeRequest.retrieve(id) == nil)
    }

    @Test(
        "The key goes out over TLS, or stays on this machine",
        arguments: [
            ("https://api.stripe.com", "https://api.stripe.com"),
            ("https://api.stripe.com/", "https://api.stripe.com"),
            ("http://127.0.0.1:8420", "http://127.0.0.1:8420"),
            ("http://localhost:8420/", "http://localhost:8420"),
            ("http://api.stripe.com", nil), ("http://127.0.0.1.example.com", nil),
            ("https://user@api.stripe.com", nil), ("https://api.stripe.com/v1", nil),
            ("https://api.stripe.com?x", nil), ("ftp://127.0.0.1", nil), ("api.stripe.com", nil),
        ] as [(String, String?)])
    func baseURLs(_ text: String, _ expected: String?) {
        #expect(StripeConfiguration.base(text) == expected)
    }

    @Test(
        "A file that holds no API key is seen at the start",
        arguments: [
            ("sk_test_refund_workers", true), ("rk_live_12345678", true),
            ("pk_live_12345678", false),
            ("sk_", false), ("sk_live_1234\nsk_live_5678", false), ("", false),
        ])
    func keys(_ text: String, _ expected: Bool) {
        #expect(StripeConfiguration.isKey(text) == expected)
    }
}
