import Database
import HTTPTypes
import Hummingbird
import RefundMessages
import RefundService
import WorkerRuntime

/// `/v1/exceptions`: what operators must act on, and their acts.
struct ExceptionRoutes: Sendable {
    let database: any Database
    let desk: ExceptionDesk

    func add(to routes: RouterGroup<PrincipalRequestContext>) {
        routes.get("exceptions") { request, _ in try await list(request) }
        routes.get("exceptions/audit") { request, _ in try await audit(request) }
        routes.get("exceptions/:request/:payment") { _, context in
            try await show(context.identifier("request"), context.identifier("payment"))
        }
        for action in ExceptionAction.allCases {
            routes.post("exceptions/:request/:payment/\(action.rawValue)") { request, context in
                try await act(action, request, context)
            }
        }
    }

    /// Open ones, the oldest first.
    private func list(_ request: Request) async throws -> Response {
        let (limit, place) = (try request.limit(), try request.mark("after"))
        let reason = request.parameter("reason")
        if let reason, SettlementExceptionReason(rawValue: reason) == nil {
            throw APIFault.invalid("reason is none")
        }
        let requestID = try request.identifier("request")
        let page = try await database.read {
            try OpenException.page(
                reason: reason, requestID: requestID, after: place, limit: limit, in: $0)
        }
        return .json { json in
            json.field("exceptions", page)
            json.field("next", page.count == Int(limit) ? page.last?.mark.description : nil)
        }
    }

    /// Everything operators did, the newest first.
    private func audit(_ request: Request) async throws -> Response {
        let (limit, place) = (try request.limit(), try request.mark("before"))
        let page = try await database.read {
            try OperatorAudit.page(before: place, limit: limit, in: $0)
        }
        let last = page.last.map {
            PageMark(number: $0.at.milliseconds, text: $0.idempotencyKey).description
        }
        return .json { json in
            json.field("audit", page)
            json.field("next", page.count == Int(limit) ? last : nil)
        }
    }

    private func show(_ caseID: String, _ paymentID: String) async throws -> Response {
        let view = try await database.read { [limit = desk.limit, now = desk.book.clock()] in
            try ExceptionView(caseID, paymentID, limit: limit, now: now, in: $0)
        }
        guard let view else { throw Self.noLeg }
        return .json(view.jsonBytes())
    }

    private func act(
        _ action: ExceptionAction, _ request: Request, _ context: PrincipalRequestContext
    ) async throws -> Response {
        var request = request
        let (caseID, paymentID) = (
            try context.identifier("request"), try context.identifier("payment")
        )
        let wish = ExceptionDesk.Wish(
            action: action, caseID: caseID, paymentID: paymentID,
            note: try await request.note(), idempotencyKey: try request.idempotencyKey(),
            by: context.principal)
        switch try await desk.act(on: wish) {
        case .unknown:
            throw Self.noLeg
        case .refused(let refusal):
            throw APIFault(
                status: .conflict, code: refusal.rawValue, sentence: refusal.sentence)
        case .done:
            return try await show(caseID, paymentID)
        case .proposed:
            var response = try await show(caseID, paymentID)
            response.status = .accepted
            return response
        }
    }

    private static let noLeg = APIFault.unknown("no payment of that id is refunded by that request")
}
