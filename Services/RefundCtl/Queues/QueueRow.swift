import AMQP
import RefundMessages

/// What is known of a queue. Each part may be unknown on its own.
struct QueueRow: JSONWritable {
    /// How old the oldest message in the consumers' hands is.
    enum Age: Hashable {
        /// Nothing is in hand. Where something waits all the same, nobody knows how old it is.
        case nothing
        /// Seconds since it was published, by its publisher's clock.
        case seconds(Int64)

        /// - Parameter time: Unix seconds; 0: none is in hand.
        init(publishedAt time: Int64, now: Int64) {
            self = time == 0 ? .nothing : .seconds(max(0, now - time))
        }
    }

    var queue: String
    /// Nil: the queue is not there.
    var status: QueueStatus?
    /// Nil: the management API could not be asked.
    var traffic: QueueTraffic?
    /// Nil: no process that consumes it could be asked.
    var age: Age?

    var cells: [Table.Cell] {
        guard let status else {
            return [Table.Cell(queue), Table.Cell("missing", .bad), "", "", "", "", ""]
        }
        let age =
            switch age {
            case .seconds(let seconds): Self.text(seconds: seconds)
            case .some(.nothing) where status.messages == 0: "–"
            case .some(.nothing), nil: "?"
            }
        return [
            Table.Cell(queue), Table.Cell("\(status.messages)"),
            Table.Cell(traffic?.unacked.map { "\($0)" } ?? "?"),
            Table.Cell("\(status.consumers)"),
            Table.Cell(traffic.map { Self.text(rate: $0.inPerSecond) } ?? "?"),
            Table.Cell(traffic.map { Self.text(rate: $0.outPerSecond) } ?? "?"), Table.Cell(age),
        ]
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("queue", queue)
            json.field("ready", status?.messages)
            json.field("unacked", traffic?.unacked)
            json.field("consumers", status?.consumers)
            json.field("inPerSecond", traffic.map { Decimal(tenths: $0.inPerSecond) })
            json.field("outPerSecond", traffic.map { Decimal(tenths: $0.outPerSecond) })
            let seconds: Int64? = if case .seconds(let seconds) = age { seconds } else { nil }
            json.field("oldestSeconds", seconds)
        }
    }

    /// `45 s`, `3 min`, `7 h`, `2 d`: rounded down.
    static func text(seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    /// With one decimal.
    private static func text(rate: Double) -> String {
        let tenths = Int64(clamping: Int((min(rate, 1e12) * 10).rounded()))
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// A JSON number with one decimal.
    private struct Decimal: JSONWritable {
        var tenths: Double

        func write(to json: inout JSONWriter) {
            json.embed(Array(QueueRow.text(rate: tenths).utf8))
        }
    }
}
