import RefundMessages
import Testing

@testable import Orchestrator

/// Status, headers and body of an answer, and what they say about the refund.
@Suite struct StripeAnswerTests {
    private static let ours = RefundObject(reference: "re_1", amount: 700, currency: "USD")

    private func answer(_ reply: StripeReply) -> ProviderAnswer {
        ProviderAnswer(reply, to: StripeSamples.refund())
    }

    @Test(
        "Each status of a refund is told as what it is",
        arguments: [
            ("succeeded", nil, .succeeded(ours)), ("pending", nil, .pending(ours)),
            ("requires_action", nil, .requiresAction(ours)),
            ("canceled", nil, .failed(reason: "canceled", ours)),
            ("canceled", "merchant_request", .failed(reason: "merchant_request", ours)),
            ("failed", nil, .failed(reason: "failed", ours)),
        ]
            + [
                "expired_or_canceled_card", "lost_or_stolen_card", "declined", "unknown",
                "insufficient_funds", "charge_for_pending_refund_disputed", "merchant_request",
            ].map { ("failed", $0, .failed(reason: $0, ours)) }
            as [(String, String?, ProviderAnswer)])
    func statuses(_ status: String, _ reason: String?, _ expected: ProviderAnswer) {
        let body = StripeSamples.object(status: status, failureReason: reason)
        #expect(answer(StripeSamples.reply(200, body)) == expected)
    }

    @Test(
        "An amount and a currency are told as the provider has them",
        arguments: [
            (701, "usd", RefundObject(reference: "re_1", amount: 701, currency: "USD")),
            (700, "eur", RefundObject(reference: "re_1", amount: 700, currency: "EUR")),
            (700, "isk", RefundObject(reference: "re_1", amount: 7, currency: "ISK")),
        ])
    func amounts(_ amount: Int64, _ currency: String, _ expected: RefundObject) {
        let body = StripeSamples.object(amount: amount, currency: currency)
        #expect(answer(StripeSamples.reply(200, body)) == .succeeded(expected))
    }

    @Test(
        "A 200 that cannot be read, or has no id, leaves unknown what happened",
        arguments: [
            "", "<html>200 OK</html>", "{}", "[]", #"{"object": "refund"}"#,
            StripeSamples.object().replacing(#""id": "re_1", "#, with: ""),
            StripeSamples.object(id: ""), StripeSamples.object(amount: -700),
            StripeSamples.object(status: "reversed"), StripeSamples.object(currency: "us"),
            StripeSamples.object(amount: 701, currency: "isk"),
            StripeSamples.object().replacing(#""object": "refund""#, with: #""object": "charge""#),
            String(StripeSamples.object().dropLast(20)),
        ])
    func unreadable(_ body: String) {
        #expect(answer(StripeSamples.reply(200, body)) == .unknown(.unreadable))
    }

    @Test(
        "What proves nothing is unknown, and what surely had no effect may be asked again",
        arguments: [
            (.notSent, .notNow(.notSent, retryAfter: nil)),
            (.noAnswer, .unknown(.noAnswer)), (.tooLarge, .unknown(.unreadable)),
            (StripeSamples.reply(500, ""), .unknown(.serverError(500))),
            (StripeSamples.reply(500, "", shouldRetry: false), .unknown(.serverError(500))),
            (StripeSamples.reply(502, "<html>"), .unknown(.serverError(502))),
            (StripeSamples.reply(503, "", retryAfter: 5), .unknown(.serverError(503))),
            (
                StripeSamples.reply(
                    409,
                    StripeSamples.error(
                        type: "idempotency_error", code: "idempotency_key_in_use")),
                .unknown(.keyInUse)
            ),
            (
                StripeSamples.reply(400, StripeSamples.error(type: "idempotency_error")),
                .unknown(.keyInUse)
            ),
            (
                StripeSamples.reply(429, StripeSamples.error(code: "rate_limit"), retryAfter: 7),
                .notNow(.rateLimited, retryAfter: 7)
            ),
            (
                StripeSamples.reply(429, StripeSamples.error(code: "lock_timeout")),
                .notNow(.rateLimited, retryAfter: nil)
            ),
            (StripeSamples.reply(401, "{}"), .notNow(.notAuthorised, retryAfter: nil)),
            (StripeSamples.reply(403, "{}"), .notNow(.notAuthorised, retryAfter: nil)),
            (StripeSamples.reply(307, ""), .unknown(.unreadable)),
            (StripeSamples.reply(408, ""), .unknown(.unreadable)),
            (StripeSamples.reply(424, StripeSamples.error()), .unknown(.unreadable)),
            (StripeSamples.reply(400, "<html>"), .unknown(.unreadable)),
            (
                StripeSamples.reply(
                    400, StripeSamples.error(code: "resource_missing"), shouldRetry: true),
                .unknown(.serverError(400))
            ),
        ] as [(StripeReply, ProviderAnswer)])
    func unknowns(_ reply: StripeReply, _ expected: ProviderAnswer) {
        #expect(answer(reply) == expected)
    }

    @Test(
        "A refusal is told by its code: contested, failed, or a request that cannot be",
        arguments: [
            (
                400, StripeSamples.error(code: "charge_already_refunded"),
                .contested(.alreadyRefunded)
            ),
            (400, StripeSamples.error(parameter: "amount"), .contested(.exceedsAmount)),
            (
                400, StripeSamples.error(code: "amount_too_large", parameter: "amount"),
                .contested(.exceedsAmount)
            ),
            (
                400, StripeSamples.error(code: "charge_disputed"),
                .failed(reason: "charge_for_pending_refund_disputed", nil)
            ),
            (
                400, StripeSamples.error(code: "balance_insufficient"),
                .failed(reason: "insufficient_funds", nil)
            ),
            (
                402, StripeSamples.error(code: "insufficient_funds"),
                .failed(reason: "insufficient_funds", nil)
            ),
            (
                402, StripeSamples.error(type: "card_error", code: "expired_card"),
                .failed(reason: "expired_or_canceled_card", nil)
            ),
            (
                402,
                StripeSamples.error(
                    type: "card_error", code: "card_declined", decline: "stolen_card"),
                .failed(reason: "lost_or_stolen_card", nil)
            ),
            (
                402,
                StripeSamples.error(
                    type: "card_error", code: "card_declined", decline: "generic_decline"),
                .failed(reason: "declined", nil)
            ),
            (
                404, StripeSamples.error(code: "resource_missing", parameter: "charge"),
                .refused(.invalidRequest(code: "resource_missing"))
            ),
            (
                400, StripeSamples.error(code: "amount_too_small", parameter: "amount"),
                .refused(.invalidRequest(code: "amount_too_small"))
            ),
            (
                400, StripeSamples.error(parameter: "metadata"),
                .refused(.invalidRequest(code: "invalid_request_error"))
            ),
        ] as [(Int, String, ProviderAnswer)])
    func refusals(_ status: Int, _ body: String, _ expected: ProviderAnswer) {
        #expect(answer(StripeSamples.reply(status, body)) == expected)
    }
}
