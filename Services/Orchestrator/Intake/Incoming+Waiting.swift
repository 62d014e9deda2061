import AMQP
import RefundMessages
import WorkerRuntime

extension Incoming {
    /// A wait that began further ahead than this, in seconds, is no clock's drift but a forged header.
    private static let clockTolerance: Int64 = 60

    /// Whether the message has waited for that many seconds. A beginning that cannot be read or lies in
    /// the future is a forged header: it must not wait for ever.
    func hasWaited(_ seconds: Int64, now: Instant) -> Bool {
        guard seconds > 0 else { return true }
        guard let firstFailedAt else { return false }
        guard let since = Instant(rfc3339: firstFailedAt),
            since <= now.advanced(bySeconds: Self.clockTolerance)
        else { return true }
        return now >= since.advanced(bySeconds: seconds)
    }

    /// The key of a dry run's case: the same for the same message, so that a redelivery opens no
    /// second one, and none that a request id could equal.
    var dryRunCaseID: String {
        let properties = delivery.properties
        let name = Array((properties.messageID ?? "").utf8) + [0] + delivery.body
        guard properties.messageID != nil else {
            return "~" + Self.hex(.random(in: .min ... .max)) + Self.hex(.random(in: .min ... .max))
        }
        return "~" + Self.hex(Self.hash(name, seed: 0xcbf2_9ce4_8422_2325))
            + Self.hex(Self.hash(name, seed: 0x9e37_79b9_7f4a_7c15))
    }

    /// FNV-1a, 64 bits: the same on every run, unlike `Hasher`.
    private static func hash(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
        bytes.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
