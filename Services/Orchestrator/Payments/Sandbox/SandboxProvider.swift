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
    private let calls = SandboxCalls()

    init(database: any Database, clock: @escaping @Sendable () -> Instant) {
        self.database = database
        self.clock = clock
    }

    func refund(_ refund: ProviderRefund) async -> ProviderAnswer {
        await calls.answer(refund) { await make($0) }
    }

    /// All of them in one transaction: all have their effect, or none.
    private func make(_ refunds: [ProviderRefund]) async -> [ProviderAnswer] {
        let now = clock()
        do {
            return try await database.transact { connection in
                let known = try SandboxRefund.find(Set(refunds.map(\.key)), in: connection)
                var records = known
                let answers = refunds.map { refund in
                    let behaviour = SandboxBehaviour(reference: refund.paymentReference)
                    return records[refund.key, default: SandboxRefund(refund)]
                        .call(behaviour, now: now)
                }
                let called = records.values.sorted { $0.key < $1.key }
                try SandboxRefund.insert(called.filter { known[$0.key] == nil }, in: connection)
                try SandboxRefund.update(called.filter { known[$0.key] != nil }, in: connection)
                return answers
            }
        } catch {
            return refunds.map { _ in .unknown(.noAnswer) }
        }
    }

    func lookUp(_ refund: ProviderRefund) async -> ProviderAnswer {
        guard SandboxBehaviour(reference: refund.paymentReference) != .unknown else {
            return .unknown(.noAnswer)
        }
        do {
            return try await database.read { connection in
                try SandboxRefund.find([refund.key], in: connection)[refund.key]?.answer
                    ?? .notFound
            }
        } catch {
            return .unknown(.noAnswer)
        }
    }
}
