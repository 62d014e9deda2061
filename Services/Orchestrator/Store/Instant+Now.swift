import RefundMessages
import Telemetry

extension Instant {
    /// What the machine's clock says now.
    static func now() -> Instant {
        let now = WallTime.now()
        return Instant(seconds: now.seconds, nanoseconds: now.nanoseconds)
    }
}
