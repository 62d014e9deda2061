import Database
import HTTPTypes
import Hummingbird
import RefundMessages
import WorkerRuntime

/// `/v1/ledger`: its postings, and the proof that they add up.
struct LedgerRoutes: Sendable {
    /// For one part of the proof, but for its last page.
    static let verifyTime: Duration = .seconds(1)

    let database: any Database

    func add(to routes: RouterGroup<PrincipalRequestContext>) {
        routes.get("ledger/check") { _, _ in try await payable() }
        routes.get("requests/:request/postings") { request, context in
            try await postings(.request(context.identifier("request")), request)
        }
        routes.get("requests/:request/payments/:payment/postings") { request, context in
            let (caseID, paymentID) = (
                try context.identifier("request"), try context.identifier("payment")
            )
            return try await postings(.leg("\(caseID)/\(paymentID)"), request)
        }
        routes.get("accounts/:account/postings") { request, context in
            try await postings(.account(context.identifier("account")), request)
        }
        routes.get("ledger/verify") { request, _ in try await verify(request) }
    }

    /// What is owed and not settled by the ledger.
    private func payable() async throws -> Response {
        let payable = try await database.read { try Ledger.payable(in: $0) }
        return .json { json in
            json.name("payable")
            json.array { json in
                for (currency, amount) in payable {
                    json.object { json in
                        json.field("currency", currency)
                        json.field("amount", amount)
                    }
                }
            }
        }
    }

    /// Postings of a leg, a request or a customer's account, the newest first.
    private func postings(
        _ filter: LedgerFilter, _ request: Request
    ) async throws -> Response {
        let (limit, place) = (try request.limit(), try request.mark("before"))
        let page = try await database.read {
            try LedgerPosting.page(filter, before: place, limit: limit, in: $0)
        }
        return .json { json in
            json.field("postings", page)
            json.field("next", page.count == Int(limit) ? page.last?.mark.description : nil)
        }
    }

    /// A part of the whole proof; the answer says where the next begins.
    private func verify(_ request: Request) async throws -> Response {
        let name = request.parameter("phase") ?? LedgerVerifier.Phase.cases.rawValue
        guard let phase = LedgerVerifier.Phase(rawValue: name) else {
            throw APIFault.invalid("phase is none")
        }
        let place = LedgerVerifier.Place(phase: phase, after: request.parameter("after") ?? "")
        let verifier = LedgerVerifier(database: database)
        return .json(try await verifier.pages(from: place, within: Self.verifyTime).jsonBytes())
    }
}
