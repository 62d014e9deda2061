import RefundMessages

/// A call to make at a provider, for a leg of a case.
struct ProviderCall: Sendable, Hashable {
    var caseID: String
    var provider: PaymentProviderName
    var refund: ProviderRefund
    var kind: Leg.Call
    /// The leg had come to rest, and is only asked for again.
    var isCheck: Bool

    var lane: ProviderLane { ProviderLane(provider: provider, isCheck: isCheck) }
}

/// What came of a call; the answer is nil where the provider is not configured.
struct ProviderReply: Sendable, Hashable {
    var call: ProviderCall
    var answer: ProviderAnswer?
}

/// The providers that are configured.
struct PaymentProviders: Sendable {
    let byName: [PaymentProviderName: any PaymentProvider]

    /// What the provider says; nil where it is not configured.
    func answer(to call: ProviderCall) async -> ProviderAnswer? {
        let provider = byName[call.provider]
        return switch call.kind {
        case .refund: await provider?.refund(call.refund)
        case .lookUp: await provider?.lookUp(call.refund)
        }
    }
}

/// Payments that were made from the account balance are refunded there: the posting to the ledger
/// is the refund.
struct BalanceProvider: PaymentProvider {
    func refund(_ refund: ProviderRefund) async -> ProviderAnswer {
        .succeeded(
            RefundObject(
                reference: refund.key, amount: refund.amount, currency: refund.currency))
    }

    func lookUp(_ refund: ProviderRefund) async -> ProviderAnswer { await self.refund(refund) }
}
