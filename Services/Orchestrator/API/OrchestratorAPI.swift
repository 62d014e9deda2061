import Database
import HTTPTypes
import Hummingbird
import NIOCore
import RefundMessages
import RefundService
import WorkerRuntime

/// The HTTP API of the orchestrator: what status, balance, reviews, the ledger and exceptions need.
/// Requests and decisions are messages; what operators do about exceptions is asked for here.
/// Described in `openapi.yaml`.
struct OrchestratorAPI: Sendable {
    /// Lines in one answer of `/v1/reviews`.
    static let maxReviews: Int64 = 1_000

    let database: any Database
    /// Who may ask.
    let tokens: AccessTokens
    let desk: ExceptionDesk

    func addRoutes(to router: Router<ServiceRequestContext>) {
        let routes = router.authenticated("v1", by: tokens)
        routes.get("requests/:request") { _, context in
            try await request(context.identifier("request"))
        }
        routes.get("accounts/:account/balance") { _, context in
            try await balance(context.identifier("account"))
        }
        routes.get("orders/:order") { _, context in
            try await order(context.identifier("order"))
        }
        routes.get("reviews") { _, _ in try await reviews() }
        LedgerRoutes(database: database).add(to: routes)
        ExceptionRoutes(database: database, desk: desk).add(to: routes)
    }

    /// The latest outcome as it was published; before the first, the state of the case.
    private func request(_ requestID: String) async throws -> Response {
        let value = try await database.read { connection in
            try connection.query(
                "SELECT confirmed, opened_at, state FROM cases WHERE case_id = $1",
                [.text(requestID)]
            ).first.map { try CaseSession.StoredCase($0).value }
        }
        guard let value else { return .notFound("no request of that id") }
        if let outcome = value.outcome { return .json(outcome.encode()) }
        return .json { json in
            json.field("requestId", value.request.requestID)
            json.field("state", value.phase)
        }
    }

    private func balance(_ accountID: String) async throws -> Response {
        let balances = try await database.read { try Ledger.balances(of: accountID, in: $0) }
        return .json { json in
            json.field("accountId", accountID)
            json.name("balances")
            json.array { json in
                for (currency, balance) in balances {
                    json.object { json in
                        json.field("currency", currency)
                        json.field("balance", balance)
                    }
                }
            }
        }
    }

    private func order(_ orderID: String) async throws -> Response {
        let document = try await database.read { connection in
            try connection.query(
                "SELECT document FROM orders WHERE order_id = $1", [.text(orderID)]
            ).first.map { try $0.blob(0) }
        }
        guard let document else { return .notFound("no order of that id") }
        return .json(document)
    }

    /// Every line in review, the oldest request first.
    private func reviews() async throws -> Response {
        let cases = try await database.read { connection in
            try connection.query(
                """
                SELECT confirmed, opened_at, state FROM cases WHERE phase = 'in_review'
                ORDER BY opened_at LIMIT $1
                """, [.integer(Self.maxReviews)]
            ).map { row in
                let stored = try CaseSession.StoredCase(row)
                return (value: stored.value, openedAt: stored.openedAt)
            }
        }
        return .json { json in
            json.name("reviews")
            json.array { json in
                for (value, openedAt) in cases {
                    for line in value.lines where line.isInReview {
                        value.writeReview(of: line, since: openedAt, to: &json)
                    }
                }
            }
        }
    }
}

extension RefundCase {
    fileprivate func writeReview(
        of line: CaseLine, since openedAt: Int64, to json: inout JSONWriter
    ) {
        json.object { json in
            json.field("requestId", request.requestID)
            json.field("orderId", request.orderID)
            json.field("accountId", request.accountID)
            json.field("lineId", line.lineID)
            json.field("product", line.product)
            json.field("code", line.verdict?.code)
            json.field("rules", line.verdict?.rules ?? [])
            json.field("amount", line.verdict?.amount)
            json.field("currency", terms?.currency)
            json.field("requestedAt", request.requestedAt)
            json.field("since", Instant(milliseconds: openedAt))
        }
    }
}
