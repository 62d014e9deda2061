import AMQP
import RefundMessages
import Telemetry
import WorkerRuntime

/// Publishes notices, and says whether the broker has them.
struct NoticePublisher: Sendable {
    /// From the event to the last confirm. The provider waits longer for its answer (10 s and more).
    static let time: Duration = .seconds(5)
    static let exchange = "refund.payments"

    let publisher: any MessagePublisher
    /// Whether the broker would take something now.
    let isReady: @Sendable () -> Bool
    let appID: String
    let clock: @Sendable () -> WallTime
    var time = NoticePublisher.time

    /// Publishes a notice for each leg of the event.
    ///
    /// - Returns: true once every one is confirmed. After false some may have arrived: the event comes
    ///   again, and a notice twice does no harm.
    func publish(_ event: StripeEvent) async -> Bool {
        guard isReady() else { return false }
        let messages = event.legIDs.enumerated().map { message(event.id, $0.offset, $0.element) }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                guard let outcomes = try? await publisher.publish(messages) else { return false }
                return outcomes.allSatisfy { $0 == .confirmed }
            }
            group.addTask {
                try? await Task.sleep(for: time)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    /// The first notice of an event has its id; each further one has its place behind it.
    private func message(_ eventID: String, _ place: Int, _ legID: String) -> OutgoingMessage {
        let notice = PaymentNotice(provider: .stripe, eventID: eventID, legID: legID)
        return .persistentJSON(
            exchange: Self.exchange, routingKey: PaymentProviderName.stripe.rawValue,
            type: PaymentNotice.messageType, body: notice.encode(),
            messageID: place == 0 ? eventID : "\(eventID):\(place + 1)",
            correlationID: String(legID.prefix { $0 != "/" }), appID: appID, timestamp: clock(),
            trace: .random())
    }
}
