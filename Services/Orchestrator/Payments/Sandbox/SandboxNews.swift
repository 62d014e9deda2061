import AMQP
import Database
import RefundMessages
import RefundService
import Telemetry
import WorkerRuntime

/// The sandbox's later news: turns refunds whose time has come and says so on `refund.payments`, as a
/// provider's webhook would.
struct SandboxNews: Sendable {
    /// Refunds turned in one sweep.
    static let batch: Int64 = 200
    /// For which the instance that turned a refund is left to tell so.
    static let telling: Int64 = 5

    let provider: SandboxProvider
    let publisher: any MessagePublisher

    /// One sweep. A refund is turned first and comes back until its notice was confirmed, so a crash
    /// repeats a notice and loses none.
    ///
    /// - Returns: whether there may be more to do at once.
    func sweep() async throws -> Bool {
        let now = provider.clock()
        let turned = try await provider.database.write { connection in
            let due = try SandboxRefund.turning(by: now, limit: Self.batch, in: connection)
            let turned = due.map { refund in
                var turned = refund
                turned.status = refund.later ?? refund.status
                turned.turnsAt = now.advanced(bySeconds: Self.telling)
                return turned
            }
            try SandboxRefund.update(turned, in: connection)
            return turned
        }
        guard !turned.isEmpty else { return false }
        let outcomes = try await publisher.publish(turned.map { Self.notice(of: $0, now: now) })
        let told = zip(turned, outcomes).filter { $0.1 == .confirmed }.map(\.0)
        try await provider.database.write { connection in
            for refund in told { try refund.told(in: connection) }
        }
        return told.count == Int(Self.batch)
    }

    private static func notice(of refund: SandboxRefund, now: Instant) -> OutgoingMessage {
        let notice = PaymentNotice(
            provider: .sandbox, eventID: "evt_\(refund.reference)", legID: refund.legID)
        return OutgoingMessage.persistentJSON(
            exchange: "refund.payments", routingKey: PaymentProviderName.sandbox.rawValue,
            type: PaymentNotice.messageType, body: notice.encode(), messageID: notice.eventID,
            correlationID: String(refund.key.prefix { $0 != "/" }), appID: "sandbox",
            timestamp: now.wallTime, trace: .random())
    }
}
