import AsyncHTTPClient
import COpenSSL
import Foundation
import NIOCore
import NIOHTTP1

/// Where and how events are sent.
public struct StripeEvents: Sendable {
    /// The webhook's address.
    public var url: String
    /// `whsec_…`: what events are signed with.
    public var secret: String
    /// The most milliseconds an event is late by; so they overtake each other.
    public var mostLate = 1_000
    /// The share of events that come twice, from 0 to 1.
    public var twice = 0.5
    /// How often an event is sent again that was not answered with 2xx.
    public var mostRepeats = 20

    /// Events to that address.
    public init(url: String, secret: String) {
        self.url = url
        self.secret = secret
    }

    /// `Stripe-Signature` of a payload: scheme v1, HMAC-SHA256 over `<t>.<payload>`.
    public static func signature(of payload: [UInt8], secret: String, at seconds: Int) -> String {
        let signed = Array("\(seconds).".utf8) + payload
        let key = Array(secret.utf8)
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        _ = HMAC(EVP_sha256(), key, Int32(key.count), signed, signed.count, &digest, &length)
        let hex = digest.prefix(Int(length)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return "t=\(seconds),v1=\(hex.joined())"
    }
}

extension StripeFaultProxy {
    /// Sends an event about a refund: late, some twice, and again until it is taken.
    func tell(_ type: String, of refund: StripeBooks.Refund) {
        guard let events = configuration.events else { return }
        let id = "evt_\(refund.id)_\(refund.status.name)_\(type.replacing(".", with: "_"))"
        let body = StripeJSON.event(
            id: id, type, refund, at: Int(Date().timeIntervalSince1970))
        let copies = Double.random(in: 0..<1, using: &generator) < events.twice ? 2 : 1
        for _ in 0..<copies {
            let late = Int.random(in: 0...events.mostLate, using: &generator)
            Task {
                try? await Task.sleep(for: .milliseconds(late))
                for _ in 0...events.mostRepeats {
                    if await send(body, events) { return }
                    try? await Task.sleep(for: .milliseconds(300))
                }
            }
        }
    }

    private func send(_ body: [UInt8], _ events: StripeEvents) async -> Bool {
        let now = Int(Date().timeIntervalSince1970)
        var request = HTTPClientRequest(url: events.url)
        request.method = .POST
        request.headers = [
            "content-type": "application/json; charset=utf-8",
            "stripe-signature": StripeEvents.signature(of: body, secret: events.secret, at: now),
        ]
        request.body = .bytes(ByteBuffer(bytes: body))
        guard let response = try? await client.execute(request, timeout: .seconds(10)) else {
            return false
        }
        return (200..<300).contains(response.status.code)
    }
}
