import RefundMessages
import Telemetry

/// Judges an event and passes it on.
struct EventDesk: Sendable {
    let secrets: SigningSecrets
    /// Which mode's events are taken.
    let isLive: Bool
    let publisher: NoticePublisher
    let clock: @Sendable () -> WallTime
    let recent = RecentEvents()

    /// - Parameter body: byte for byte as it came, since that is what was signed.
    func take(_ body: [UInt8], signature: StripeSignature) async -> WebhookResult {
        do throws(StripeSignature.Fault) {
            try signature.verify(body, secrets: secrets.current, now: clock().seconds)
        } catch {
            switch error {
            case .tooOld: return .tooOld
            case .inFuture: return .inFuture
            case .wrong: return .wrongSignature
            }
        }
        guard let event = try? StripeEvent(body) else { return .unreadable }
        guard event.isLive == isLive else { return .otherMode }
        guard !event.legIDs.isEmpty else { return .ignored }
        guard !recent.contains(event.id) else { return .duplicate }
        guard await publisher.publish(event) else { return .unavailable }
        recent.insert(event.id)
        return .published
    }
}
