import Database
import HTTPTypes
import Hummingbird
import NIOCore
import RefundMessages
import RefundService
import WorkerRuntime

/// The service's HTTP API, described in `openapi.yaml`. Whatever only looks runs on a snapshot of the
/// database and can change nothing.
struct DeadLettersAPI: Sendable {
    let database: any Database
    let tokens: AccessTokens
    let preparation: JobPreparation
    let wake: SweeperWake
    let clock: @Sendable () -> Instant

    typealias Context = PrincipalRequestContext

    func addRoutes(to router: Router<ServiceRequestContext>) {
        let routes = router.authenticated("v1", by: tokens).add(middleware: Refusals())
        routes.get("dead-letters") { request, _ in try await list(request) }
        routes.get("dead-letters/:id") { request, context in try await show(request, context) }
        routes.get("groups") { request, _ in try await groups(request) }
        routes.get("summary") { request, _ in try await summary(request) }
        routes.get("audit") { request, _ in try await audit(request) }
        routes.get("audit/export") { request, _ in try await exportAudit(request) }
        addJobRoutes(to: routes)
    }

    // MARK: - Dead letters

    enum View: String, CaseIterable { case summary, full }

    private func list(_ request: Request) async throws -> Response {
        let parameters = try Parameters(
            request, allowed: Parameters.filterNames + ["sort", "view", "limit", "cursor"])
        let filter = try parameters.filter()
        let order = try parameters.choice("sort", of: ArrivalOrder.self) ?? .newest
        let view = try parameters.choice("view", of: View.self) ?? .summary
        let limit = try parameters.limit()
        let cursor = try parameters.cursor()
        return try await database.read { connection in
            var page = try filter.page(order, after: cursor, limit: limit, in: connection)
            var contents: [Int64: Content] = [:]
            if view == .full {
                let held = Array(page.elements.heldTogether)
                if held.count < page.elements.count {
                    page = Page(elements: held, next: held.last?.id)
                }
                contents = try Content.load(held.map(\.id), in: connection)
            }
            return .page("deadLetters", next: page.next.map(String.init)) { json in
                for record in page.elements { record.write(to: &json, contents[record.id]) }
            }
        }
    }

    private func groups(_ request: Request) async throws -> Response {
        let parameters = try Parameters(request, allowed: ["state", "sort", "limit", "cursor"])
        let state = try parameters.choice("state", of: RecordState.self)
        let order = try parameters.choice("sort", of: KindQuery.Order.self) ?? .count
        let limit = try parameters.limit()
        let cursor = try parameters.text("cursor", "the next of the page before") {
            KindQuery.Cursor($0) != nil
        }.flatMap { KindQuery.Cursor($0) }
        return try await database.read { connection in
            let (kinds, next) = try KindQuery(state: state, order: order, connection: connection)
                .page(after: cursor, limit: limit)
            return .page("groups", next: next?.text) { json in
                for kind in kinds { kind.write(to: &json) }
            }
        }
    }

    private func summary(_ request: Request) async throws -> Response {
        _ = try Parameters(request, allowed: [])
        let summary = try await database.read { try Summary(in: $0) }
        return .json { summary.write(to: &$0) }
    }

    // MARK: - Audit

    private func audit(_ request: Request) async throws -> Response {
        let parameters = try Parameters(request, allowed: ["job", "limit", "cursor"])
        let job = try parameters.id("job")
        let cursor = try parameters.cursor()
        let limit = try parameters.limit()
        return try await database.read { connection in
            let page = try Audit.page(before: cursor, job: job, limit: limit, in: connection)
            return .page("entries", next: page.next.map(String.init)) { json in
                for entry in page.elements { entry.write(to: &json) }
            }
        }
    }

    /// Entries written at once: what the export holds in memory.
    private static let exported: Int64 = 500

    private func exportAudit(_ request: Request) async throws -> Response {
        _ = try Parameters(request, allowed: [])
        let database = database
        let body = ResponseBody { writer in
            var last: Int64 = 0
            while true {
                let after = last
                let entries = try await database.read {
                    try Audit.page(after: after, limit: Self.exported, in: $0)
                }
                guard let end = entries.last else { break }
                var lines: [UInt8] = []
                for entry in entries { lines += entry.jsonBytes() + [UInt8(ascii: "\n")] }
                try await writer.write(ByteBuffer(bytes: lines))
                last = end.id
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson"], body: body)
    }
}

extension Response {
    /// A page with the place of the next one.
    static func page(
        _ name: StaticString, next: String?, _ elements: (inout JSONWriter) -> Void
    ) -> Response {
        json { json in
            json.object { json in
                json.name(name)
                json.array(elements)
                json.field("next", next)
            }
        }
    }
}

extension KindQuery.Cursor {
    /// `<count>-<fingerprint>`, or the number of the latest dead letter alone.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, let number = Int64(recordID: first), parts.count <= 2 else {
            return nil
        }
        self.init(number: number, fingerprint: parts.count == 2 ? parts[1] : nil)
        if let fingerprint, !Parameters.isFingerprint(fingerprint) { return nil }
    }
}

/// Turns what a route throws into its answer.
struct Refusals: RouterMiddleware {
    typealias Context = PrincipalRequestContext

    @concurrent func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let fault as BadRequest {
            return .refusal(.badRequest, fault.sentence)
        } catch let fault as MessageFault {
            return .refusal(.badRequest, fault.detail)
        } catch let refusal as JobRefusal {
            return refusal.response
        } catch let error as DatabaseError where error.code == .unavailable {
            return .refusal(.serviceUnavailable, "the database is busy or away; try again")
        }
    }
}

extension JobRefusal {
    var response: Response {
        switch self {
        case .noDeadLetter(let id): .refusal(.notFound, "there is no dead letter \(id)")
        case .noJob: .refusal(.notFound, "there is no job of that id")
        case .keyTaken: .refusal(.conflict, "the key belongs to another request: take a new one")
        case .notPrepared: .refusal(.conflict, "the job is still being prepared")
        case .isOver: .refusal(.conflict, "the job is over")
        case .fault(let fault):
            .json(status: .unprocessableContent) { json in
                json.object { json in
                    json.field("error", "the edited message would be refused")
                    json.field("reason", fault.reason.rawValue)
                    json.field("path", fault.path)
                    json.field("detail", fault.detail)
                }
            }
        }
    }
}
