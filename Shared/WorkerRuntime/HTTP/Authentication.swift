import HTTPTypes
import Hummingbird
import NIOCore

/// Lets a request through once it is known who asks: by bearer token (RFC 6750), or, where none is
/// configured, because it comes from this machine.
struct Authentication: RouterMiddleware {
    typealias Context = ServiceRequestContext

    let tokens: AccessTokens

    @concurrent func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let isLocal = context.remoteAddress?.isLoopback ?? false
        switch tokens.identify(request.head, isLocal: isLocal) {
        case .success(let principal):
            var context = context
            context.principal = principal
            return try await next(request, context)
        case .failure(let refusal):
            return refusal.response
        }
    }
}

extension AccessTokens {
    /// The operator's name that a client states, percent-encoded (RFC 3986) UTF-8.
    static let statedName = "Refund-Operator"

    /// Who asks, or why that is not to be answered.
    func identify(_ head: HTTPRequest, isLocal: Bool) -> Result<Principal, AccessRefusal> {
        let stated: String?
        switch head.statedName {
        case .success(let name): stated = name
        case .failure(let refusal): return .failure(refusal)
        }
        let found = areNeeded ? proven(head, stated) : unproven(head, stated, isLocal: isLocal)
        guard case .success(let principal) = found else { return found }
        let needed: Principal.Role =
            head.method == .get || head.method == .head ? .reader : .operator
        return principal.role.includes(needed) ? found : .failure(.roleTooLow)
    }

    private func proven(
        _ head: HTTPRequest, _ stated: String?
    ) -> Result<Principal, AccessRefusal> {
        guard let given = head.headerFields[.authorization], let token = given.bearerToken,
            let principal = principal(token: token)
        else { return .failure(.tokenNeeded) }
        guard stated == nil || stated == principal.name else { return .failure(.anothersToken) }
        return .success(principal)
    }

    /// What a web page can make a browser on this machine send is not the operator's will: a change
    /// needs a header that pages of other origins cannot set, and the host name must be this
    /// machine's (a page's own name can be made to point here).
    private func unproven(
        _ head: HTTPRequest, _ stated: String?, isLocal: Bool
    ) -> Result<Principal, AccessRefusal> {
        guard isLocal, head.authority?.isLoopbackHost ?? true else {
            return .failure(.onlyLoopback)
        }
        let isReading = head.method == .get || head.method == .head
        guard let name = stated ?? (isReading ? "anyone" : nil) else {
            return .failure(.nameNeeded)
        }
        return .success(Principal(name: name, role: .operator, isProven: false))
    }
}

/// Why a request is not let through.
enum AccessRefusal: Error, Hashable, CaseIterable {
    case tokenNeeded, onlyLoopback, nameNeeded, nameUnreadable
    case roleTooLow, anothersToken

    var status: HTTPResponse.Status {
        switch self {
        case .tokenNeeded, .onlyLoopback, .nameNeeded, .nameUnreadable: .unauthorized
        case .roleTooLow, .anothersToken: .forbidden
        }
    }

    /// For the body; nothing in it needs escaping in JSON.
    var sentence: String {
        switch self {
        case .tokenNeeded: "a valid bearer token is needed"
        case .onlyLoopback: "without a token file only clients on this machine are answered"
        case .nameNeeded: "the header \(AccessTokens.statedName) must say who asks"
        case .nameUnreadable:
            "the header \(AccessTokens.statedName) must be 1 to 128 characters, percent-encoded"
        case .roleTooLow: "the token's role is reader, and this needs an operator"
        case .anothersToken: "the token is not of whom \(AccessTokens.statedName) names"
        }
    }

    var response: Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: #"{"error":"\#(sentence)"}"#)))
    }
}
