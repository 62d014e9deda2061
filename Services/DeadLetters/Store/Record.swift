import Database
import RefundMessages

/// A dead letter as it is listed and filtered by.
struct Record: Sendable {
    var id: Int64
    var state: RecordState
    var origin: FailureStory.Origin
    var reason: String
    var detail: String
    var path: String?
    var fingerprint: String
    var type: String?
    var messageID: String?
    /// Nil for what no queue took.
    var queue: String?
    var exchange: String
    var routingKey: String
    var consumer: String?
    var attempts: Int64
    var firstFailedAt: Instant
    var lastFailedAt: Instant
    var receivedAt: Instant
    var changedAt: Instant
    /// How often it arrived while it was open.
    var sightings: Int64
    var requestID: String?
    var orderID: String?
    var bodyBytes: Int64
    /// The dead letter whose replay this one is.
    var replayOf: Int64?
    /// The dead letter that came of this one's replay.
    var failedAgainAs: Int64?
    /// The job that replays or replayed it.
    var job: Int64?

    static let columns = """
        id, state, origin, reason, detail, path, fingerprint, type, message_id, queue, exchange, \
        routing_key, consumer, attempts, first_failed_at, last_failed_at, received_at, changed_at, \
        sightings, request_id, order_id, body_bytes, replay_of, failed_again_as, job_id
        """

    init(_ row: SQLRow) throws(DatabaseError) {
        id = try row.integer(0)
        state = try row.choice(1)
        origin = try row.choice(2)
        reason = try row.text(3)
        detail = try row.text(4)
        path = try row.optionalText(5)
        fingerprint = try row.text(6)
        type = try row.optionalText(7)
        messageID = try row.optionalText(8)
        queue = try row.optionalText(9)
        exchange = try row.text(10)
        routingKey = try row.text(11)
        consumer = try row.optionalText(12)
        attempts = try row.integer(13)
        firstFailedAt = try row.instant(14)
        lastFailedAt = try row.instant(15)
        receivedAt = try row.instant(16)
        changedAt = try row.instant(17)
        sightings = try row.integer(18)
        requestID = try row.optionalText(19)
        orderID = try row.optionalText(20)
        bodyBytes = try row.integer(21)
        replayOf = try row.optionalInteger(22)
        failedAgainAs = try row.optionalInteger(23)
        job = try row.optionalInteger(24)
    }

    /// Its way to another state.
    func change(to state: RecordState?) -> StateChange {
        StateChange(
            id: id, queue: queue, reason: reason, fingerprint: fingerprint, from: self.state,
            to: state)
    }

    /// The dead letters of those ids that exist, in the order of the ids given.
    static func load(_ ids: [Int64], in connection: any SQLConnection) throws -> [Record] {
        try connection.queryEach(
            "SELECT \(columns) FROM dead_letters WHERE id = $1\(connection.forUpdate)",
            ids.map { [.integer($0)] }
        ).flatMap { rows in try rows.map { try Record($0) } }
    }
}
