import HTTPTypes
import Hummingbird
import RefundMessages

/// A request that is not answered as asked: `{"error": "<sentence>", "code": "<code>"}`.
struct APIFault: HTTPResponseError {
    var status: HTTPResponse.Status
    /// Closed; for programs.
    var code: String
    /// For people: names the thing and what to do. Holds nothing that the client did not send.
    var sentence: String

    static func invalid(_ sentence: String) -> APIFault {
        APIFault(status: .badRequest, code: "invalid", sentence: sentence)
    }

    static func unknown(_ sentence: String) -> APIFault {
        APIFault(status: .notFound, code: "not_found", sentence: sentence)
    }

    var response: Response {
        .json(status: status) { json in
            json.field("error", sentence)
            json.field("code", code)
        }
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        response
    }
}
