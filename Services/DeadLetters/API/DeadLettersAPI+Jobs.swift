import Database
import HTTPTypes
import Hummingbird
import NIOCore
import RefundMessages
import WorkerRuntime

extension DeadLettersAPI {
    /// Parts of a set that are gathered before the answer: small sets are prepared by then.
    private static let partsAtOnce = 4

    func addJobRoutes(to routes: RouterGroup<Context>) {
        routes.get("jobs") { request, _ in try await jobs(request) }
        routes.post("jobs") { request, context in try await prepare(request, context) }
        routes.get("jobs/:id") { request, context in
            _ = try Parameters(request, allowed: [])
            return try await answer(try context.recordID())
        }
        routes.get("jobs/:id/items") { request, context in try await items(request, context) }
        routes.get("jobs/:id/overview") { request, context in
            try await overview(request, context)
        }
        routes.post("jobs/:id/start") { request, context in
            try await change(request, context) { try $0.start($1, by: $2) }
        }
        routes.post("jobs/:id/cancel") { request, context in
            try await change(request, context) { try $0.cancel($1, by: $2) }
        }
    }

    private func jobs(_ request: Request) async throws -> Response {
        let parameters = try Parameters(request, allowed: ["limit", "cursor"])
        let cursor = try parameters.cursor() ?? .max
        let limit = try parameters.limit()
        return try await database.read { connection in
            let jobs = try connection.query(
                """
                SELECT \(Job.columns) FROM jobs WHERE id < $1
                ORDER BY id DESC LIMIT \(limit + 1)
                """, [.integer(cursor)]
            ).map { try Job($0) }
            let page = jobs.prefix(Int(limit))
            let next = jobs.count > page.count ? page.last?.id : nil
            return .page("jobs", next: next.map(String.init)) { json in
                for job in page { job.write(to: &json) }
            }
        }
    }

    private func prepare(_ request: Request, _ context: Context) async throws -> Response {
        _ = try Parameters(request, allowed: [])
        let body: [UInt8]
        do {
            let buffer = try await request.body.collect(upTo: JobRequest.maximumBodyBytes)
            body = Array(buffer.readableBytesView)
        } catch let error as NIOTooManyBytesError {
            throw BadRequest("the body must have at most \(error.maxBytes ?? 0) bytes")
        }
        let wanted = try JobRequest(body)
        let (principal, now) = (context.principal, clock())
        let secret = SystemSecret.hex(bytes: 16)
        let (job, isNew) = try await database.change { connection in
            try JobStore(connection: connection, now: now)
                .make(wanted, body: body, by: principal, secret: secret)
        }
        guard isNew else { return try await answer(job.id) }
        for _ in 0..<Self.partsAtOnce where try await !preparation.advance(job.id) { break }
        wake.wake()
        return try await answer(job.id, status: .created)
    }

    private func change(
        _ request: Request, _ context: Context,
        _ body: @escaping @Sendable (JobStore, Int64, Principal) throws -> Job
    ) async throws -> Response {
        _ = try Parameters(request, allowed: [])
        let id = try context.recordID()
        let (principal, now) = (context.principal, clock())
        try await database.change { connection in
            _ = try body(JobStore(connection: connection, now: now), id, principal)
        }
        wake.wake()
        return try await answer(id)
    }

    /// The job as it is now.
    private func answer(
        _ id: Int64, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        try await database.read { connection in
            guard let job = try Job.load(id, in: connection) else { throw JobRefusal.noJob }
            let diff = try diff(of: job, in: connection)
            return .json(status: status) { job.write(to: &$0, diff: diff) }
        }
    }

    private func diff(
        of job: Job, in connection: any SQLConnection
    ) throws -> [BodyDiff.Line]? {
        guard let edit = try JobStore(connection: connection, now: clock()).edit(of: job.id),
            case .ids(let ids) = try JobRequest(job.request).selection, let id = ids.first,
            let content = try Content.load([id], in: connection)[id]
        else { return nil }
        return BodyDiff.lines(from: content.body, to: edit.body)
    }

    private func items(_ request: Request, _ context: Context) async throws -> Response {
        let parameters = try Parameters(
            request, allowed: ["state", "forecast", "limit", "cursor"])
        let id = try context.recordID()
        let state = try parameters.choice("state", of: JobItem.State.self)
        let forecast = try parameters.choice("forecast", of: Forecast.Code.self)
        let cursor = try parameters.cursor() ?? 0
        let limit = try parameters.limit()
        return try await database.read { connection in
            guard try Job.load(id, in: connection) != nil else { throw JobRefusal.noJob }
            let page = try ItemQuery(job: id, state: state, forecast: forecast)
                .page(after: cursor, limit: limit, in: connection)
            return .page("items", next: page.next.map(String.init)) { json in
                for item in page.elements { item.write(to: &json) }
            }
        }
    }
}

/// Pages of a job's items; each looks at a bounded number of them.
struct ItemQuery {
    static let scanned = 5_000

    var job: Int64
    var state: JobItem.State?
    var forecast: Forecast.Code?

    func page(
        after cursor: Int64, limit: Int64, in connection: any SQLConnection
    ) throws -> Page<JobItem> {
        let scan = """
            SELECT \(JobItem.columns) FROM job_items WHERE job_id = $1 AND record_id > $2
            ORDER BY record_id LIMIT \(Self.scanned)
            """
        var conditions = SQLConditions(arguments: [.integer(job), .integer(cursor)])
        if let state { conditions.add("state = ", .text(state.rawValue)) }
        if let forecast { conditions.add("forecast = ", .text(forecast.rawValue)) }
        let filter = conditions.parts.isEmpty ? "" : "WHERE \(conditions.sql)"
        let items = try connection.query(
            """
            SELECT \(JobItem.columns) FROM (\(scan)) AS scanned \(filter)
            ORDER BY record_id LIMIT \(limit)
            """, conditions.arguments
        ).map { try JobItem($0) }
        if items.count == Int(limit) { return Page(elements: items, next: items.last?.record) }
        let last = try connection.query(
            """
            SELECT record_id FROM job_items WHERE job_id = $1 AND record_id > $2
            ORDER BY record_id LIMIT 1 OFFSET \(Self.scanned - 1)
            """, [.integer(job), .integer(cursor)]
        ).first?.integer(0)
        return Page(elements: items, next: last)
    }
}
