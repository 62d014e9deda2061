@testable import Orchestrator

/// What the Stripe tests ask for.
enum StripeSamples {
    static func refund(
        _ legID: String = "r-1/p-1", of payment: String = "ch_1", attempt: Int = 1,
        reference: String? = nil, amount: Int64 = 700, currency: String = "USD"
    ) -> ProviderRefund {
        ProviderRefund(
            legID: legID, attempt: attempt, paymentReference: payment, refundReference: reference,
            amount: amount, currency: currency)
    }

    /// A refund object as Stripe writes it, with fields that nobody reads.
    static func object(
        id: String = "re_1", amount: Int64 = 700, currency: String = "usd",
        status: String = "succeeded", failureReason: String? = nil, legID: String = "r-1/p-1",
        key: String = "r-1/p-1"
    ) -> String {
        let reason = failureReason.map { "\"\($0)\"" } ?? "null"
        return """
            {"id": "\(id)", "object": "refund", "amount": \(amount), "balance_transaction": null,
             "charge": "ch_1", "created": 1795442383, "currency": "\(currency)",
             "destination_details": {"card": {"reference_status": "pending"}, "type": "card"},
             "failure_reason": \(reason), "status": "\(status)",
             "metadata": {"leg_id": "\(legID)", "idempotency_key": "\(key)"}}
            """
    }

    static func reply(
        _ status: Int, _ body: String, retryAfter: Int64? = nil, shouldRetry: Bool? = nil
    ) -> StripeReply {
        .answered(
            StripeResponse(
                status: status, retryAfter: retryAfter, shouldRetry: shouldRetry,
                body: Array(body.utf8)))
    }

    static func error(
        type: String = "invalid_request_error", code: String? = nil, decline: String? = nil,
        parameter: String? = nil
    ) -> String {
        let fields = [
            ("type", type), ("code", code), ("decline_code", decline), ("param", parameter),
            ("message", "what people read"),
        ]
        let pairs = fields.compactMap { name, value in value.map { "\"\(name)\": \"\($0)\"" } }
        return "{\"error\": {\(pairs.joined(separator: ", "))}}"
    }

    static let configuration = StripeConfiguration(
        baseURL: "http://127.0.0.1:1", apiKey: "sk_test_refund_workers",
        apiVersion: StripeConfiguration.pinnedVersion, connectTimeout: .seconds(1),
        callTimeout: .seconds(1))
}
