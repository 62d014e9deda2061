import HTTPTypes
import Hummingbird
import NIOCore
import RefundMessages

extension Response {
    static func json(_ body: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    static func json(
        status: HTTPResponse.Status = .ok, _ members: (inout JSONWriter) -> Void
    ) -> Response {
        var json = JSONWriter()
        json.object(members)
        return .json(json.bytes, status: status)
    }

    static func notFound(_ reason: String) -> Response {
        .json(status: .notFound) { $0.field("error", reason) }
    }
}

/// Refuses a request without the right bearer token (RFC 6750), compared in constant time.
struct BearerToken: RouterMiddleware {
    typealias Context = BasicRequestContext

    /// Nil: no token is demanded.
    let token: String?

    @concurrent func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let token else { return try await next(request, context) }
        guard let given = request.headers[.authorization], Self.equal(given, "Bearer " + token)
        else {
            var refused = Response.json(status: .unauthorized) {
                $0.field("error", "a valid bearer token is needed")
            }
            refused.headers[.wwwAuthenticate] = "Bearer"
            return refused
        }
        return try await next(request, context)
    }

    private static func equal(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        var difference = left.count ^ right.count
        for index in right.indices {
            difference |= Int((index < left.count ? left[index] : 0) ^ right[index])
        }
        return difference == 0
    }
}
