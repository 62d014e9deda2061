import AMQP
import RefundMessages

/// The headers of ours on a dead letter.
struct DeadLetterHeaders {
    private let table: FieldTable

    init(_ delivery: Delivery) { table = delivery.properties.headers ?? FieldTable() }

    /// A text, nil where the header is absent or none.
    func text(_ name: String) -> String? {
        guard case .string(let bytes)? = table["refund-\(name)"] else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    func instant(_ name: String) -> Instant? { text(name).flatMap(Instant.init(rfc3339:)) }

    var attempts: Int64? {
        switch table["refund-attempts"] {
        case .int8(let value): Int64(value)
        case .int16(let value): Int64(value)
        case .int32(let value): Int64(value)
        case .int64(let value): value
        default: nil
        }
    }

    /// What was set aside.
    var original: FieldTable? {
        guard case .table(let table)? = table["refund-original"] else { return nil }
        return table
    }

    /// The names of ours that are there, sorted.
    var names: [String] {
        table.entries.map(\.key).filter { $0.hasPrefix("refund-") }.sorted()
    }
}
