import Foundation
import RefundMessages

extension Instant {
    /// The machine's clock, in whole milliseconds.
    static func now() -> Instant {
        let milliseconds = Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down))
        let (seconds, rest) = milliseconds.dividedDown(by: 1_000)
        return Instant(seconds: seconds, nanoseconds: Int32(rest) * 1_000_000)
    }
}
