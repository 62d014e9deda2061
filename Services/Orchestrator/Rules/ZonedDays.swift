import Foundation
import RefundMessages

/// The calendar days of one time zone, as day numbers counted from 1970-01-01.
///
/// The zone's offsets are read once, for the years 1900 to 2199, into a sorted table; what is
/// asked on the message path is integer arithmetic over that table. Before and after these years
/// the nearest known offset holds.
struct ZonedDays: Sendable {
    /// From `start` (Unix seconds) on, local time is `offset` seconds ahead of UTC.
    private struct Period: Sendable {
        var start: Int64
        var offset: Int64
    }

    /// 1900-01-01T00:00:00Z and 2200-01-01T00:00:00Z.
    private static let tableStart: Int64 = -2_208_988_800
    private static let tableEnd: Int64 = 7_258_118_400
    /// More transitions than any zone has in these years.
    private static let maxPeriods = 1_024
    private static let secondsPerDay: Int64 = 86_400

    /// Ascending by start; the first one holds from the beginning of time.
    private let periods: [Period]

    init(_ zone: TimeZone) {
        var instant = Date(timeIntervalSince1970: Double(Self.tableStart))
        var periods = [Period(start: .min, offset: Int64(zone.secondsFromGMT(for: instant)))]
        while periods.count < Self.maxPeriods,
            let next = zone.nextDaylightSavingTimeTransition(after: instant), next > instant,
            next.timeIntervalSince1970 < Double(Self.tableEnd)
        {
            let offset = Int64(zone.secondsFromGMT(for: next))
            if offset != periods[periods.count - 1].offset {
                let start = Int64(next.timeIntervalSince1970.rounded(.up))
                periods.append(Period(start: start, offset: offset))
            }
            instant = next
        }
        self.periods = periods
    }

    /// The local day an instant belongs to.
    func day(of instant: Instant) -> Int64 {
        let local = instant.seconds + periods[lastPeriod(startingBy: instant.seconds)].offset
        return local.flooredQuotient(by: Self.secondsPerDay)
    }

    /// The first instant of a local day. Where the zone leaves midnight out it is the moment after
    /// the gap; where midnight comes twice, the first; where the whole day is left out, the first
    /// instant of the day that follows.
    func start(ofDay day: Int64) -> Instant {
        let local = day * Self.secondsPerDay
        // No offset is as large as two days, so the day cannot begin before this period.
        var index = lastPeriod(startingBy: local - 2 * Self.secondsPerDay)
        while index + 1 < periods.count,
            local - periods[index].offset >= periods[index + 1].start
        {
            index += 1
        }
        return Instant(seconds: max(local - periods[index].offset, periods[index].start))
    }

    private func lastPeriod(startingBy seconds: Int64) -> Int {
        var low = 0
        var high = periods.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if periods[middle].start <= seconds { low = middle } else { high = middle }
        }
        return low
    }
}

extension Int64 {
    /// Division that rounds towards negative infinity, for days before 1970.
    fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
