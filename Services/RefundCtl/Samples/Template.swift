import RefundMessages

/// What the samples leave open, so that the same files can be published again and again: `${run}`
/// becomes a suffix of this run, `${now}`, `${now-2d}`, `${now+1h}` an instant (units s, m, h, d).
struct Template: Sendable {
    var run: String
    var now: Instant

    /// The text with every mark filled in. Throws the mark that is not understood.
    func fill(_ bytes: [UInt8]) throws(CommandFailure) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        var parts = text.split(separator: "${", omittingEmptySubsequences: false)[...]
        var result = String(parts.popFirst() ?? "")
        for part in parts {
            guard let end = part.firstIndex(of: "}"), let value = value(of: part[..<end]) else {
                throw CommandFailure(
                    .badInput, "${\(part.prefix(20)) is not understood; write ${run} or ${now-2d}")
            }
            result += value
            result += part[part.index(after: end)...]
        }
        return Array(result.utf8)
    }

    private func value(of mark: Substring) -> String? {
        if mark == "run" { return run }
        guard mark.hasPrefix("now") else { return nil }
        let shift = mark.dropFirst(3)
        if shift.isEmpty { return now.rfc3339 }
        guard let unit = shift.last, let seconds = Self.seconds[unit],
            let count = Int64(shift.dropLast()), (-100_000...100_000).contains(count)
        else { return nil }
        return now.advanced(bySeconds: count * seconds).rfc3339
    }

    private static let seconds: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
}
