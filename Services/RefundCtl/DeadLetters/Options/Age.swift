import ArgumentParser
import RefundMessages

/// How long ago: `90s`, `10m`, `2h` or `3d`.
struct Age: ExpressibleByArgument, Equatable {
    /// At most a hundred years.
    static let maxSeconds: Int64 = 100 * 366 * 86_400

    var seconds: Int64

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = argument.last.flatMap({ units[$0] }),
            argument.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(argument.dropLast()), number > 0,
            number <= Self.maxSeconds / unit
        else { return nil }
        seconds = number * unit
    }

    /// That long before `now`.
    func instant(before now: Instant) -> Instant { now.advanced(bySeconds: -seconds) }

    /// How long ago that was, in the largest unit that leaves at least one.
    static func text(since instant: Instant, _ now: Instant) -> String {
        let seconds = max(0, now.seconds - instant.seconds)
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3_600: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }
}
