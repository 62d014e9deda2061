import RefundMessages

/// A call to make at a provider, for a leg of a case.
struct ProviderCall: Sendable, Hashable {
    var caseID: String
    var provider: PaymentProviderName
    var refund: ProviderRefund
    var kind: Leg.Call
}

/// What came of a call; the answer is nil where the provider is not configured.
struct ProviderReply: Sendable, Hashable {
    var call: ProviderCall
    var answer: ProviderAnswer?
}

/// The providers that are configured.
struct PaymentProviders: Sendable {
    let byName: [PaymentProviderName: any PaymentProvider]

    /// Makes the calls side by side: as many as a settlement batch has, which is bounded.
    func answers(to calls: [ProviderCall]) async -> [ProviderReply] {
        await withTaskGroup(of: (Int, ProviderAnswer?).self) { group in
            for (index, call) in calls.enumerated() {
                let provider = byName[call.provider]
                group.addTask {
                    switch call.kind {
                    case .refund: (index, await provider?.refund(call.refund))
                    case .lookUp: (index, await provider?.lookUp(call.refund))
                    }
                }
            }
            var answers = [ProviderAnswer?](repeating: nil, count: calls.count)
            for await (index, answer) in group { answers[index] = answer }
            return zip(calls, answers).map {
                ProviderReply(call: $0, answer: $1)
            }
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
