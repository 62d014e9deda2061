import HTTPTypes
import Hummingbird
import NIOCore

/// Answers the public port: one method, one path. Described in `openapi.yaml`.
struct WebhookResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    private static let signatureName = HTTPField.Name("Stripe-Signature")

    let desk: EventDesk
    let report: ResultReport

    @concurrent func respond(to request: Request, context: Context) async throws -> Response {
        let result = await result(of: request)
        report.add(result)
        return Response(
            status: result.status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: result.body)))
    }

    /// What the head alone decides comes before the body is read.
    private func result(of request: Request) async -> WebhookResult {
        guard request.method == .post, request.uri.path == WebhookResult.path, isJSON(request)
        else { return .wrongRequest }
        let headers = Self.signatureName.map { request.headers[values: $0] } ?? []
        guard let header = headers.first else { return .noSignature }
        guard headers.count == 1 else { return .badSignature }
        guard let signature = StripeSignature(header: header) else { return .badSignature }
        if let length = request.headers[.contentLength].flatMap(Int.init),
            length > StripeEvent.maximumBytes
        {
            return .tooLarge
        }
        var body: [UInt8] = []
        do {
            for try await chunk in request.body {
                guard body.count + chunk.readableBytes <= StripeEvent.maximumBytes else {
                    return .tooLarge
                }
                body += chunk.readableBytesView
            }
        } catch {
            return .incomplete
        }
        return await desk.take(body, signature: signature)
    }

    private func isJSON(_ request: Request) -> Bool {
        let type = request.headers[.contentType]?.prefix { $0 != ";" && $0 != " " }
        let encoding = request.headers[.contentEncoding] ?? "identity"
        return type?.lowercased() == "application/json" && encoding == "identity"
    }
}
