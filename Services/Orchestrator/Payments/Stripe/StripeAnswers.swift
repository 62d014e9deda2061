import RefundMessages

extension ProviderAnswer {
    /// What a reply to `POST /v1/refunds`, or to the look-up of one refund, says about the refund.
    ///
    /// What proves nothing is unknown: only a 4xx that names a fault we understand is definite.
    init(_ reply: StripeReply, to refund: ProviderRefund) {
        switch reply {
        case .notSent: self = .notNow(.notSent, retryAfter: nil)
        case .noAnswer: self = .unknown(.noAnswer)
        case .tooLarge: self = .unknown(.unreadable)
        case .answered(let response): self.init(response, to: refund)
        }
    }

    private init(_ response: StripeResponse, to refund: ProviderRefund) {
        switch response.status {
        case 200..<300:
            let object = try? StripeRefund(json: StripeJSON.parse(response.body))
            self = object?.answer(to: refund) ?? .unknown(.unreadable)
        case 429: self = .notNow(.rateLimited, retryAfter: response.retryAfter)
        case 409: self = .unknown(.keyInUse)
        case 401, 403: self = .notNow(.notAuthorised, retryAfter: response.retryAfter)
        case 400, 402, 404:
            // Stripe itself says that the same request may yet have another end.
            guard response.shouldRetry != true else {
                self = .unknown(.serverError(response.status))
                return
            }
            self.init(StripeError(response.body), status: response.status)
        case 500...: self = .unknown(.serverError(response.status))
        // Redirects, 408, 424 and what nobody told of: no proof of anything.
        default: self = .unknown(.unreadable)
        }
    }

    /// An error that a request of ours was refused with.
    private init(_ error: StripeError, status: Int) {
        switch (error.type, error.code) {
        // Other parameters under this key before: what they did must be looked up.
        case ("idempotency_error", _): self = .unknown(.keyInUse)
        case (_, "charge_already_refunded"): self = .contested(.alreadyRefunded)
        case (_, "amount_too_large"): self = .contested(.exceedsAmount)
        case ("invalid_request_error", nil) where error.parameter == "amount":
            self = .contested(.exceedsAmount)
        case (_, "charge_disputed"), (_, "refund_disputed_payment"):
            self = .failed(reason: "charge_for_pending_refund_disputed", nil)
        case (_, "balance_insufficient"), (_, "insufficient_funds"):
            self = .failed(reason: "insufficient_funds", nil)
        case ("card_error", _), (_, "card_declined"):
            self = .failed(reason: Self.reason(declined: error.declineCode ?? error.code), nil)
        case (nil, nil): self = .unknown(.unreadable)
        case (let type, let code):
            self = .refused(.invalidRequest(code: code ?? type ?? "\(status)"))
        }
    }

    /// Decline codes in the words of a refund's `failure_reason`.
    private static func reason(declined code: String?) -> String {
        switch code {
        case "expired_card": "expired_or_canceled_card"
        case "lost_card", "stolen_card", "pickup_card": "lost_or_stolen_card"
        // Of our own balance: a refund asks nothing of the customer's.
        case "insufficient_funds": "insufficient_funds"
        default: "declined"
        }
    }
}
