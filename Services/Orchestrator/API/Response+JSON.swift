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
