import Foundation
import RefundMessages

/// The dates the rules speak of, in the policy's zone: the order's deadline (GEN-1) and the time a
/// revocation's review may take (SSL-7).
struct RefundCalendar: Sendable {
    /// A revocation's review may take this many business days, Monday to Friday.
    static let revocationBusinessDays = 5
    /// The last instant that RFC 3339 can write; no date that follows from a message is later.
    static let lastInstant = Instant(seconds: 253_402_300_799, nanoseconds: 999_999_999)

    private let days: ZonedDays

    /// Reads the zone's offsets once (about a millisecond); make one calendar for a policy.
    init(zone: TimeZone) { days = ZonedDays(zone) }

    /// The order's deadline, exclusive: the start of the day after `windowDays` full days, the
    /// payment day itself not counted (GEN-1). 0 means the payment day only.
    func deadline(paidAt: Instant, windowDays: Int) -> Instant {
        min(days.start(ofDay: days.day(of: paidAt) + Int64(windowDays) + 1), Self.lastInstant)
    }

    /// The midnight that ends the 5th business day after the day of the request (SSL-7).
    func revocationExpectedBy(requestedAt: Instant) -> Instant {
        var day = days.day(of: requestedAt)
        var remaining = Self.revocationBusinessDays
        while remaining > 0 {
            day += 1
            if isBusinessDay(day) { remaining -= 1 }
        }
        return min(days.start(ofDay: day + 1), Self.lastInstant)
    }

    /// Day 0, 1970-01-01, was a Thursday.
    private func isBusinessDay(_ day: Int64) -> Bool {
        let mondayBased = ((day + 3) % 7 + 7) % 7
        return mondayBased < 5
    }
}
