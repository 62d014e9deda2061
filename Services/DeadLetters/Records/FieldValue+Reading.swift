import AMQP
import RefundMessages

extension Delivery {
    /// The headers, without what is nested too deep.
    var readableHeaders: FieldTable {
        properties.headers ?? rawHeaders.map(FieldTableCodec.decodeReadable) ?? FieldTable()
    }
}

extension FieldTable {
    /// Whether a queue dead-lettered the message.
    var isBrokerDead: Bool {
        self["x-death"] != nil || self["x-first-death-queue"] != nil
    }

    /// A string that is no longer than that many bytes.
    func text(_ name: String, atMost limit: Int = 255) -> String? {
        guard case .string(let bytes)? = self[name], bytes.count <= limit else { return nil }
        return String(amqpBytes: bytes)
    }

    /// A whole number of any type that is not negative.
    func count(_ name: String) -> Int64? {
        let value: Int64? =
            switch self[name] {
            case .int8(let value): Int64(value)
            case .uint8(let value): Int64(value)
            case .int16(let value): Int64(value)
            case .uint16(let value): Int64(value)
            case .int32(let value): Int64(value)
            case .uint32(let value): Int64(value)
            case .int64(let value): value
            default: nil
            }
        return value.flatMap { $0 >= 0 ? $0 : nil }
    }

    /// A text that is an instant (RFC 3339), or an AMQP timestamp.
    func instant(_ name: String) -> Instant? {
        switch self[name] {
        case .timestamp(let seconds):
            Int64(exactly: seconds).flatMap {
                Self.plausible.contains($0) ? Instant(seconds: $0) : nil
            }
        default: text(name).flatMap(Instant.init(rfc3339:))
        }
    }

    /// From 1970 to 9999, in seconds: others are no times.
    private static let plausible: ClosedRange<Int64> = 0...253_402_300_799
}
