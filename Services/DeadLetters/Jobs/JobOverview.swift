import Database
import RefundMessages

/// Where a job's messages go, what they would meet and what became of them: those that are alike in
/// all of it counted together. It looks at each of the job's dead letters.
struct JobOverview {
    /// Groups told, the largest first.
    static let mostGroups = 200

    struct Group: JSONWritable {
        var destination: Destination
        var itemState: String
        var forecast: String?
        var reason: String?
        var path: String?
        var detail: String?
        var problem: String?
        /// Nil for what is no longer kept.
        var state: String?
        var failedAgain: Bool
        var count: Int64
        var example: Int64

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("queue", destination.queue)
                json.field("exchange", destination.exchange)
                json.field("routingKey", destination.routingKey)
                json.field("itemState", itemState)
                json.field("forecast", forecast)
                json.field("reason", reason)
                json.field("path", path)
                json.field("detail", detail)
                json.field("problem", problem)
                json.field("state", state)
                json.field("failedAgain", failedAgain)
                json.field("count", count)
                json.field("exampleId", String(example))
            }
        }
    }

    static func groups(of job: Job, in connection: any SQLConnection) throws -> [Group] {
        // Of what goes to a queue, the exchange and key that it once came by make no difference.
        let places = """
            SELECT i.record_id AS id, i.state AS item_state, i.forecast AS forecast,
                i.reason AS reason, i.path AS path, i.detail AS detail, i.problem AS problem,
                d.state AS state, COALESCE($2, d.queue) AS queue,
                CASE WHEN COALESCE($2, d.queue) IS NULL THEN d.exchange END AS exchange,
                CASE WHEN COALESCE($2, d.queue) IS NULL THEN d.routing_key END AS routing_key,
                CASE WHEN d.failed_again_as IS NULL THEN 0 ELSE 1 END AS failed_again
            FROM job_items i LEFT JOIN dead_letters d ON d.id = i.record_id
            WHERE i.job_id = $1
            """
        let columns =
            "item_state, forecast, reason, path, state, queue, exchange, routing_key, failed_again"
        return try connection.query(
            """
            SELECT \(columns), MIN(detail), MIN(problem), COUNT(*), MIN(id)
            FROM (\(places)) AS places GROUP BY \(columns)
            ORDER BY COUNT(*) DESC, MIN(id) LIMIT \(mostGroups)
            """, [.integer(job.id), .plain(job.queue)]
        ).map { try Group($0) }
    }
}

extension JobOverview.Group {
    fileprivate init(_ row: SQLRow) throws {
        let queue = try row.optionalText(5)
        destination = Destination(
            queue: queue, exchange: try row.optionalText(6) ?? "",
            routingKey: try row.optionalText(7) ?? queue ?? "")
        itemState = try row.text(0)
        forecast = try row.optionalText(1)
        reason = try row.optionalText(2)
        path = try row.optionalText(3)
        state = try row.optionalText(4)
        failedAgain = try row.integer(8) == 1
        detail = try row.optionalText(9)
        problem = try row.optionalText(10)
        count = try row.integer(11)
        example = try row.integer(12)
    }
}
