import Glibc

/// A reading of the wall clock (`CLOCK_REALTIME`), UTC.
public struct WallTime: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z.
    public var seconds: Int64
    /// 0 to 999,999,999.
    public var nanoseconds: Int32

    /// A reading of that many seconds and nanoseconds since 1970.
    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        precondition((0..<1_000_000_000).contains(nanoseconds))
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// What the machine's clock says now.
    public static func now() -> WallTime {
        var time = timespec()
        guard clock_gettime(CLOCK_REALTIME, &time) == 0 else {
            preconditionFailure("CLOCK_REALTIME cannot fail on Linux")
        }
        return WallTime(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }

    /// Earlier first.
    public static func < (left: WallTime, right: WallTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-23T07:00:00.123Z`.
    public var rfc3339: String {
        var text: [UInt8] = []
        text.reserveCapacity(24)
        appendRFC3339(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    func appendRFC3339(to text: inout [UInt8]) {
        let secondsPerDay: Int64 = 86_400
        let days = seconds >= 0 ? seconds / secondsPerDay : (seconds + 1) / secondsPerDay - 1
        let second = Int(seconds - days * secondsPerDay)
        let date = Self.civilDate(daysSince1970: days)
        Self.append(date.year, digits: 4, then: "-", to: &text)
        Self.append(date.month, digits: 2, then: "-", to: &text)
        Self.append(date.day, digits: 2, then: "T", to: &text)
        Self.append(second / 3600, digits: 2, then: ":", to: &text)
        Self.append(second / 60 % 60, digits: 2, then: ":", to: &text)
        Self.append(second % 60, digits: 2, then: ".", to: &text)
        Self.append(Int(nanoseconds) / 1_000_000, digits: 3, then: "Z", to: &text)
    }

    /// The proleptic Gregorian date of a day (Howard Hinnant, "chrono-Compatible Low-Level Date
    /// Algorithms", civil_from_days).
    private static func civilDate(daysSince1970 days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * marchMonth + 2) / 5 + 1
        )
    }

    private static func append(
        _ number: Int, digits: Int, then separator: Unicode.Scalar, to text: inout [UInt8]
    ) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
        text.append(UInt8(ascii: separator))
    }
}
