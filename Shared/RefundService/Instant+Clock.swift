package import RefundMessages
package import Telemetry

extension Instant {
    /// What the machine's clock says now.
    package static func now() -> Instant { Instant(.now()) }

    package init(_ time: WallTime) {
        self.init(seconds: time.seconds, nanoseconds: time.nanoseconds)
    }

    package var wallTime: WallTime { WallTime(seconds: seconds, nanoseconds: nanoseconds) }

    /// Milliseconds since 1970, rounded down: how instants stand in a database.
    package var milliseconds: Int64 { seconds * 1000 + Int64(nanoseconds / 1_000_000) }

    /// That many milliseconds since 1970, at least 0.
    package init(milliseconds: Int64) {
        let seconds = milliseconds.quotientAndRemainder(dividingBy: 1000)
        self.init(
            seconds: seconds.quotient, nanoseconds: Int32(seconds.remainder) * 1_000_000)
    }
}
