import Telemetry

@testable import PaymentWebhook

/// A request with an event, as Stripe sends it. What others signed is in StripeSignatureTests; what
/// must be of now is signed here with the code under test.
struct EventRequest {
    static let secret = "whsec_0123456789abcdef"

    var method = "POST"
    var path = "/v1/stripe/events"
    var contentType: String? = "application/json; charset=utf-8"
    var signature: String?
    var otherFields = ""
    var body: [UInt8]
    var isChunked = false
    /// Where it is not the body's own.
    var contentLength: Int?

    /// Signed under `secret`, `age` seconds ago.
    init(_ body: [UInt8], secret: String = EventRequest.secret, age: Int64 = 0) {
        self.body = body
        signature = Self.signature(body, secret: secret, age: age)
    }

    /// A refund's update, of an event of that id.
    init(event id: String, leg: String = "r-1/p-1", secret: String = EventRequest.secret) {
        let refund = StripeEventTests.refund("re_1", metadata: #"{"leg_id":"\#(leg)"}"#)
        self.init(StripeEventTests.event("refund.updated", refund, id: id), secret: secret)
    }

    static func signature(_ body: [UInt8], secret: String, age: Int64) -> String {
        let timestamp = "\(WallTime.now().seconds - age)"
        let payload = Array("\(timestamp).".utf8) + body
        let digits = HMACSHA256.hex(of: payload, key: Array(secret.utf8))
        return "t=\(timestamp),v1=\(String(decoding: digits, as: UTF8.self))"
    }

    var head: String {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        if let contentType { head += "Content-Type: \(contentType)\r\n" }
        if let signature { head += "Stripe-Signature: \(signature)\r\n" }
        head +=
            isChunked
            ? "Transfer-Encoding: chunked\r\n"
            : "Content-Length: \(contentLength ?? body.count)\r\n"
        return head + otherFields + "\r\n"
    }

    /// Head and body.
    var bytes: [UInt8] {
        guard isChunked else { return Array(head.utf8) + body }
        var bytes = Array(head.utf8)
        for start in stride(from: 0, to: body.count, by: 1_000) {
            let chunk = body[start..<min(start + 1_000, body.count)]
            bytes +=
                Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Array("\r\n".utf8)
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }

    /// Sends it on a connection of its own.
    func send(to port: Int) async throws -> RawConnection.Answer? {
        let connection = try RawConnection(port: port)
        await connection.send(bytes)
        return await connection.answer()
    }
}
