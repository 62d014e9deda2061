import Database
import RefundMessages

/// Dead letters of a job that go to one place and would meet the same there, as it was when the set was
/// gathered.
struct JobGroup: Sendable, JSONWritable {
    var destination: Destination
    /// `waiting`, or `skipped` with a problem.
    var itemState: JobItem.State
    var forecast: Forecast.Code?
    var reason: String?
    var path: String?
    /// Of the example.
    var detail: String?
    var problem: String?
    var count: Int64
    var example: Int64

    /// Of one dead letter.
    init(_ item: JobItem, to destination: Destination) {
        self.destination = destination
        itemState = item.state
        forecast = item.forecast
        reason = item.reason
        path = item.path
        detail = item.detail
        problem = item.problem
        count = 1
        example = item.record
    }

    private init(_ row: SQLRow) throws {
        let queue = try row.optionalText(0)
        destination = Destination(
            queue: queue, exchange: try row.text(1), routingKey: try row.text(2))
        itemState = try row.choice(3)
        forecast = try row.optionalText(4).flatMap(Forecast.Code.init)
        reason = try row.optionalText(5)
        path = try row.optionalText(6)
        detail = try row.optionalText(7)
        problem = try row.optionalText(8)
        count = try row.integer(9)
        example = try row.integer(10)
    }

    private static let columns = """
        queue, exchange, routing_key, state, forecast, reason, path, detail, problem, total, \
        example_id
        """

    static func largest(
        of job: Int64, limit: Int64, in connection: any SQLConnection
    ) throws -> [JobGroup] {
        try connection.query(
            """
            SELECT \(columns) FROM job_groups WHERE job_id = $1
            ORDER BY total DESC, example_id LIMIT \(limit)
            """, [.integer(job)]
        ).map { try JobGroup($0) }
    }

    /// Adds groups of single dead letters to the job's.
    static func add(
        _ groups: [JobGroup], to job: Int64, in connection: any SQLConnection
    ) throws {
        var sums: [String: JobGroup] = [:]
        for group in groups { sums[group.key, default: group.emptied].count += 1 }
        try connection.executeEach(
            """
            INSERT INTO job_groups (job_id, key, \(columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT (job_id, key) DO UPDATE SET total = job_groups.total + excluded.total
            """,
            sums.sorted { $0.key < $1.key }.map { key, group in
                let destination = group.destination
                return [
                    .integer(job), .text(key), .plain(destination.queue),
                    .plain(destination.exchange), .plain(destination.routingKey),
                    .text(group.itemState.rawValue), .text(group.forecast?.rawValue),
                    .plain(group.reason), .plain(group.path), .plain(group.detail),
                    .plain(group.problem), .integer(group.count), .integer(group.example),
                ]
            })
    }

    private var emptied: JobGroup {
        var copy = self
        copy.count = 0
        return copy
    }

    /// What those that are alike have in common.
    private var key: String {
        var digest = Digest()
        let parts = [
            destination.queue, destination.exchange, destination.routingKey, itemState.rawValue,
            forecast?.rawValue, reason, path, problem,
        ]
        for part in parts { digest.add(part) }
        return digest.hex(Digest.keptBytes)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("queue", destination.queue)
            json.field("exchange", destination.exchange)
            json.field("routingKey", destination.routingKey)
            json.field("itemState", itemState.rawValue)
            json.field("forecast", forecast?.rawValue)
            json.field("reason", reason)
            json.field("path", path)
            json.field("detail", detail)
            json.field("problem", problem)
            json.field("count", count)
            json.field("exampleId", String(example))
        }
    }
}
