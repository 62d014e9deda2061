import RefundMessages

/// Stripe's refunds, by its public API.
struct StripeProvider: PaymentProvider {
    private let transport: StripeTransport

    init(_ configuration: StripeConfiguration) { transport = StripeTransport(configuration) }

    /// Ends the connections.
    func close() async { await transport.close() }

    func refund(_ refund: ProviderRefund) async -> ProviderAnswer {
        guard let amount = StripeAmount.encode(refund.amount, refund.currency) else {
            return .refused(.amountNotRepresentable)
        }
        guard let request = StripeRequest.refund(refund, amount: amount) else {
            return .refused(.invalidRequest(code: "no_stripe_payment"))
        }
        let reply = await transport.send(request, until: transport.deadline())
        return ProviderAnswer(reply, to: refund)
    }

    /// One deadline for all its requests.
    func lookUp(_ refund: ProviderRefund) async -> ProviderAnswer {
        let deadline = transport.deadline()
        guard let id = refund.refundReference, let request = StripeRequest.retrieve(id) else {
            return await search(refund, until: deadline)
        }
        let reply = await transport.send(request, until: deadline)
        // A refund that Stripe does not know by its id is looked for by our own.
        if case .answered(let response) = reply, response.status == 404 {
            return await search(refund, until: deadline)
        }
        return ProviderAnswer(reply, to: refund)
    }

    /// All refunds of the payment, to the end of the list. Half a list is no answer.
    private func search(
        _ refund: ProviderRefund, until deadline: ContinuousClock.Instant
    ) async -> ProviderAnswer {
        var lookUp = StripeLookUp(refund)
        var hasMore = true
        while hasMore {
            guard lookUp.pages < StripeLookUp.mostPages else { return .unknown(.unreadable) }
            guard let request = StripeRequest.list(of: refund.paymentReference, after: lookUp.last)
            else { return .refused(.invalidRequest(code: "no_stripe_payment")) }
            let reply = await transport.send(request, until: deadline)
            guard let page = Self.read(reply, StripeRefundPage.init(json:)) else {
                return Self.withoutPage(reply, refund)
            }
            hasMore = lookUp.add(page)
        }
        if let found = lookUp.found { return found }
        guard let request = StripeRequest.charge(of: refund.paymentReference),
            let charge = Self.read(
                await transport.send(request, until: deadline), StripeRequest.readCharge)
        else { return .notFound }
        return lookUp.isTaken(of: charge) ? .contested(.takenByOthers) : .notFound
    }

    private static func read<Value>(
        _ reply: StripeReply, _ read: (JSONValue) throws(MessageFault) -> Value
    ) -> Value? {
        guard case .answered(let response) = reply, response.status == 200 else { return nil }
        return try? read(StripeJSON.parse(response.body))
    }

    /// A list that cannot be had says nothing about the refund, whatever its status is.
    private static func withoutPage(
        _ reply: StripeReply, _ refund: ProviderRefund
    ) -> ProviderAnswer {
        switch ProviderAnswer(reply, to: refund) {
        case .notNow(let cause, let retryAfter): .notNow(cause, retryAfter: retryAfter)
        case .unknown(let cause): .unknown(cause)
        case .succeeded, .pending, .requiresAction, .failed, .refused, .contested, .notFound:
            .unknown(.unreadable)
        }
    }
}
