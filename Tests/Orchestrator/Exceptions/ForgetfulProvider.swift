import RefundMessages
import Synchronization

@testable import Orchestrator

/// A provider that pays and says nothing of it, until it remembers. The sandbox never remembers.
final class ForgetfulProvider: PaymentProvider {
    private let remembers = Mutex(false)

    func remember() { remembers.withLock { $0 = true } }

    func refund(_ refund: ProviderRefund) async -> ProviderAnswer { answer(refund) }
    func lookUp(_ refund: ProviderRefund) async -> ProviderAnswer { answer(refund) }

    private func answer(_ refund: ProviderRefund) -> ProviderAnswer {
        guard remembers.withLock({ $0 }) else { return .unknown(.noAnswer) }
        return .succeeded(
            RefundObject(
                reference: "re_\(refund.legID)", amount: refund.amount, currency: refund.currency))
    }
}
