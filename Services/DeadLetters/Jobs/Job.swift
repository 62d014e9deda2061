import Database
import RefundMessages
import WorkerRuntime

/// What an operator has done to a frozen set of dead letters.
struct Job: Sendable {
    enum Action: String, CaseIterable, Sendable { case replay, discard, restore }

    enum State: String, CaseIterable, Sendable {
        /// Its set is being gathered and judged.
        case preparing
        /// Nothing is done yet.
        case prepared
        case running, finished, cancelled
    }

    /// How many of its items are in which state, and would meet what.
    struct Counts: Sendable, Equatable {
        var waiting: Int64 = 0
        var sending: Int64 = 0
        var done: Int64 = 0
        var skipped: Int64 = 0
        var failed: Int64 = 0

        var total: Int64 { waiting + sending + done + skipped + failed }
        var isOver: Bool { waiting == 0 && sending == 0 }

        static let names = ["waiting", "sending", "done", "skipped", "failed"]
        var values: [Int64] { [waiting, sending, done, skipped, failed] }
    }

    var id: Int64
    var key: String
    var request: [UInt8]
    var action: Action
    var state: State
    var by: Principal
    var note: String?
    /// Where to, instead of where each came from.
    var queue: String?
    /// Messages a second.
    var rate: Int64
    /// What makes its replays' names unknown to others.
    var secret: String
    /// Whether it starts by itself once it is prepared.
    var startsItself: Bool
    /// Up to which dead letter its set is gathered.
    var position: Int64
    /// The last dead letter that was there when the job was made.
    var lastID: Int64
    var createdAt: Instant
    var startedAt: Instant?
    var finishedAt: Instant?
    var counts: Counts
    /// By the forecasts' codes.
    var forecasts: [Forecast.Code: Int64]
    /// Of those that were replayed: processed where they went to.
    var processed: Int64
    /// Dead letters again.
    var failedAgain: Int64

    static let columns = """
        id, key, request, action, state, principal, is_proven, note, queue, rate, secret, \
        starts_itself, position, last_id, created_at, started_at, finished_at, waiting, sending, \
        done, skipped, failed, fits, fails, depends, unchecked, processed, failed_again
        """

    init(_ row: SQLRow) throws {
        id = try row.integer(0)
        key = try row.text(1)
        request = try row.blob(2)
        action = try row.choice(3)
        state = try row.choice(4)
        by = Principal(name: try row.text(5), role: .operator, isProven: try row.flag(6))
        note = try row.optionalText(7)
        queue = try row.optionalText(8)
        rate = try row.integer(9)
        secret = try row.text(10)
        startsItself = try row.flag(11)
        position = try row.integer(12)
        lastID = try row.integer(13)
        createdAt = try row.instant(14)
        startedAt = try row.optionalInstant(15)
        finishedAt = try row.optionalInstant(16)
        counts = Counts(
            waiting: try row.integer(17), sending: try row.integer(18), done: try row.integer(19),
            skipped: try row.integer(20), failed: try row.integer(21))
        forecasts = [
            .fits: try row.integer(22), .fails: try row.integer(23),
            .depends: try row.integer(24), .unchecked: try row.integer(25),
        ]
        processed = try row.integer(26)
        failedAgain = try row.integer(27)
    }

    static func load(_ id: Int64, in connection: any SQLConnection) throws -> Job? {
        try connection.query(
            "SELECT \(columns) FROM jobs WHERE id = $1\(connection.forUpdate)", [.integer(id)]
        ).first.map { try Job($0) }
    }

    /// Why the job cannot be applied to the dead letter; nil where it can.
    func objection(to record: Record) -> String? {
        switch (action, record.state) {
        case (.replay, .open), (.discard, .open), (.restore, .discarded): nil
        case (.restore, .replayed) where record.failedAgainAs == nil: nil
        case (.restore, .replayed): "It failed again as \(record.failedAgainAs ?? 0)."
        default: "It is \(record.state.rawValue)."
        }
    }
}
