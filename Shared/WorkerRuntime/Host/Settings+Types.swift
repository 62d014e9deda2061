extension Settings {
    /// A whole number within bounds.
    public func int(
        _ key: String, in range: ClosedRange<Int>
    ) throws(ConfigurationFault) -> Int {
        let text = try string(key)
        guard let value = Int(text), range.contains(value) else {
            throw fault(
                key,
                "is \"\(text)\", not a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value
    }

    /// `true`, `yes`, `1` or `false`, `no`, `0`.
    public func bool(_ key: String) throws(ConfigurationFault) -> Bool {
        let text = try string(key)
        switch text.lowercased() {
        case "true", "yes", "1": return true
        case "false", "no", "0": return false
        default: throw fault(key, "is \"\(text)\", neither true nor false")
        }
    }

    /// A whole number with `ms`, `s`, `m`, `h` or `d`, within bounds.
    public func duration(
        _ key: String, in range: ClosedRange<Duration>
    ) throws(ConfigurationFault) -> Duration {
        let text = try string(key)
        guard let value = DurationText.parse(text) else {
            throw fault(key, "is \"\(text)\", not a duration such as 250ms, 10s, 2m, 1h or 1d")
        }
        guard range.contains(value) else {
            throw fault(
                key,
                "is \"\(text)\", not from \(DurationText.of(range.lowerBound)) to "
                    + DurationText.of(range.upperBound))
        }
        return value
    }
}

/// Durations as operators write them.
enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    static func parse(_ text: String) -> Duration? {
        for (suffix, factor) in units where text.hasSuffix(suffix) {
            let digits = text.dropLast(suffix.count)
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                continue
            }
            guard let number = Int64(digits) else { return nil }
            let (milliseconds, overflow) = number.multipliedReportingOverflow(by: factor)
            return overflow ? nil : .milliseconds(milliseconds)
        }
        return nil
    }

    /// With the largest unit that shows it whole.
    static func of(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        let unit = units.last { milliseconds % $0.milliseconds == 0 } ?? units[0]
        return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
    }
}
