import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

extension StripeFaultProxy {
    /// A payment that can be refunded, made at the peer.
    /// - Parameters:
    ///   - amount: in Stripe's units.
    ///   - prefix: `ch_`, `py_` or `pi_`.
    public func makeCharge(
        _ amount: Int64, _ currency: String = "usd", _ fate: StripeFate = .succeeds,
        prefix: String = "ch_"
    ) async throws -> String {
        var reference = "\(prefix)own\(books.charges.count)"
        if peer != nil {
            let isIntent = prefix == "pi_"
            let method = try await method()
            let answer = await ask(
                "POST", isIntent ? "/v1/payment_intents" : "/v1/charges",
                "amount=\(amount)&currency=\(currency)"
                    + (isIntent ? "&payment_method=\(method)&confirm=true" : "&source=\(method)"))
            guard let answer, let id = StripeJSON.text("id", answer.body) else {
                throw SupportFailure("localstripe made no payment")
            }
            reference = prefix == "py_" ? "py_" + id.dropFirst(3) : id
        }
        books.add(
            .init(reference: reference, amount: amount, currency: currency, fate: fate))
        if fate == .refundedElsewhere { try await refundElsewhere(reference, amount) }
        return reference
    }

    /// What somebody at Stripe's dashboard does.
    private func refundElsewhere(_ reference: String, _ amount: Int64) async throws {
        let name = reference.hasPrefix("pi_") ? "payment_intent" : "charge"
        let request = PeerRequest(
            method: "POST", target: "/v1/refunds", headers: [:],
            body: Array("\(name)=\(reference)&amount=\(amount)".utf8))
        guard await refund(request, key: nil).status == 200 else {
            throw SupportFailure("the payment could not be refunded elsewhere")
        }
    }

    /// How many refunds the peer itself counts: another's word for what happened.
    public func refundsAtPeer() async throws -> Int {
        var (count, last) = (0, "")
        while true {
            let after = last.isEmpty ? "" : "&starting_after=\(last)"
            guard let page = await ask("GET", "/v1/refunds?limit=100\(after)") else {
                throw SupportFailure("localstripe does not answer")
            }
            let ids = StripeJSON.ids(page.body)
            count += ids.list.count
            guard ids.hasMore, let end = ids.list.last else { return count }
            last = end
        }
    }

    private func method() async throws -> String {
        if let paymentMethod { return paymentMethod }
        let card = "card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2040"
        let answer = await ask("POST", "/v1/payment_methods", "type=card&\(card)&card[cvc]=123")
        guard let answer, let id = StripeJSON.text("id", answer.body) else {
            throw SupportFailure("localstripe made no payment method")
        }
        paymentMethod = id
        return id
    }

    /// Asks the peer; nil where it does not answer.
    func ask(
        _ method: String, _ target: String, _ form: String? = nil
    ) async -> StripeBooks.Answer? {
        guard let peer else { return nil }
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(peer.port)\(target)")
        request.method = HTTPMethod(rawValue: method)
        request.headers = ["authorization": "Bearer \(Self.apiKey)"]
        if let form {
            request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: form))
        }
        guard let response = try? await client.execute(request, timeout: .seconds(30)),
            let body = try? await response.body.collect(upTo: 1 << 22)
        else { return nil }
        return .init(status: Int(response.status.code), body: Array(body.readableBytesView))
    }
}
