import Database
import Hummingbird
import RefundMessages
import WorkerRuntime

extension DeadLettersAPI {
    /// One dead letter with everything about it.
    func show(_ request: Request, _ context: Context) async throws -> Response {
        _ = try Parameters(request, allowed: [])
        let id = try context.recordID()
        return try await database.read { connection in
            guard let record = try Record.load([id], in: connection).first,
                let content = try Content.load([id], in: connection)[id]
            else { throw JobRefusal.noDeadLetter(id) }
            let history = try History.of(record, in: connection)
            return .json { json in
                json.object { json in
                    record.writeFields(to: &json)
                    content.writeFields(to: &json)
                    json.name("pretty")
                    if let pretty = PrettyJSON(content.body, path: record.path) {
                        json.object { json in
                            json.field("text", pretty.text)
                            json.field("faultLine", pretty.faultLine)
                        }
                    } else {
                        json.null()
                    }
                    json.field(
                        "forecast",
                        Forecast(
                            record, content, to: Destination(of: record, queue: nil), at: clock()))
                    json.field("history", history)
                }
            }
        }
    }
}

extension PrincipalRequestContext {
    /// The id in the path.
    func recordID() throws -> Int64 {
        guard let id = Int64(recordID: try parameters.require("id")) else {
            throw BadRequest("the id in the path must be a whole number from 1")
        }
        return id
    }
}

/// What happened to a dead letter, in order.
struct History: JSONWritable {
    var at: Instant
    var what: String
    var by: String?
    var job: Int64?
    var note: String?
    /// Another dead letter.
    var other: Int64?

    /// Jobs that are told of one dead letter, at most.
    private static let maximumJobs = 100

    static func of(_ record: Record, in connection: any SQLConnection) throws -> [History] {
        var history = [
            History(at: record.receivedAt, what: "arrived", other: record.replayOf)
        ]
        let rows = try connection.query(
            """
            SELECT i.changed_at, i.state, i.problem, j.id, j.action, j.principal, j.note
            FROM job_items i JOIN jobs j ON j.id = i.job_id
            WHERE i.record_id = $1 ORDER BY j.id LIMIT \(maximumJobs)
            """, [.integer(record.id)])
        for row in rows {
            let problem = try row.optionalText(2).map { ": \($0)" } ?? ""
            history.append(
                History(
                    at: try row.instant(0), what: "\(try row.text(4)) \(try row.text(1))\(problem)",
                    by: try row.text(5), job: try row.integer(3), note: try row.optionalText(6)))
        }
        if let next = record.failedAgainAs {
            history.append(History(at: record.changedAt, what: "failed again", other: next))
        }
        if record.state == .resolved {
            history.append(History(at: record.changedAt, what: "processed"))
        }
        return history
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("at", at)
            json.field("what", what)
            json.field("by", by)
            json.field("job", job.map(String.init))
            json.field("note", note)
            json.field("other", other.map(String.init))
        }
    }
}
