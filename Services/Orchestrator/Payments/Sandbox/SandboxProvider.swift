import Database
import RefundMessages
import RefundService

/// The default provider: a fake, for a real one cannot be had here. It keeps its refunds by
/// idempotency key in a database of its own, as a real provider would outside of ours, and behaves as
/// the payment's reference says (`SandboxBehaviour`).
struct SandboxProvider: PaymentProvider {
    /// Seconds until a refund turns into what it becomes later.
    static let turnSeconds: Int64 = 2

    static let migrations = [
        Migration(
            1, "sandbox refunds",
            [
                """
                CREATE TABLE refunds (
                    refund_key TEXT PRIMARY KEY,
                    payment_reference TEXT NOT NULL,
                    amount BIGINT NOT NULL,
                    currency TEXT NOT NULL,
                    reference TEXT NOT NULL,
                    calls BIGINT NOT NULL,
                    status TEXT,
                    later TEXT,
                    turns_at BIGINT)
                """,
                "CREATE INDEX refunds_turning ON refunds (turns_at) WHERE turns_at IS NOT NULL",
            ])
    ]

    let database: any Database
    let clock: @Sendable () -> Instant

    func refund(_ refund: ProviderRefund) async -> ProviderAnswer {
        let behaviour = SandboxBehaviour(reference: refund.paymentReference)
        let now = clock()
        do {
            return try await database.transact { connection in
                let known = try SandboxRefund.find(refund.key, in: connection)
                var record = known ?? SandboxRefund(refund)
                let answer = record.call(behaviour, now: now)
                if known == nil {
                    try record.insert(in: connection)
                } else {
                    try record.update(in: connection)
                }
                return answer
            }
        } catch {
            return .unknown(.noAnswer)
        }
    }

    func lookUp(_ refund: ProviderRefund) async -> ProviderAnswer {
        guard SandboxBehaviour(reference: refund.paymentReference) != .unknown else {
            return .unknown(.noAnswer)
        }
        do {
            return try await database.read { connection in
                try SandboxRefund.find(refund.key, in: connection)?.answer
                    ?? .notFound
            }
        } catch {
            return .unknown(.noAnswer)
        }
    }
}
