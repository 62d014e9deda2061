import HTTPTypes
import Hummingbird
import NIOCore
import RefundMessages

extension Response {
    static func json(
        status: HTTPResponse.Status = .ok, _ write: (inout JSONWriter) -> Void
    ) -> Response {
        var json = JSONWriter()
        write(&json)
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }

    static func refusal(_ status: HTTPResponse.Status, _ sentence: String) -> Response {
        json(status: status) { json in json.object { $0.field("error", sentence) } }
    }
}
