import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

extension StripeFaultProxy {
    // MARK: POST /v1/refunds

    /// The answer that belongs to the key, made or replayed.
    func post(_ request: PeerRequest, _ fault: StripeFault?) async -> StripeBooks.Answer {
        guard request.target == "/v1/refunds", let key = request.headers["idempotency-key"] else {
            return .error(400, code: nil, param: nil, "No refund, or no key")
        }
        switch books.keys[key] {
        case .inProgress:
            return .error(
                409, type: "idempotency_error", code: "idempotency_key_in_use", param: nil,
                "Another request with this key is in progress")
        case .answered(let earlier, let answer):
            guard earlier == request.body else {
                return .error(
                    400, type: "idempotency_error", code: nil, param: nil,
                    "Keys can only be used with the same parameters they were first used with")
            }
            return answer
        case nil: break
        }
        books.keys[key] = .inProgress(request: request.body)
        let broken = StripeBooks.Answer.error(
            500, type: "api_error", code: nil, param: nil, "An unknown error occurred")
        var answer = broken
        if fault != .storedErrorBefore {
            answer = await refund(request, key: key)
            if fault == .storedErrorAfter { answer = broken }
        }
        books.keys[key] = .answered(request: request.body, answer)
        return answer
    }

    private func refund(_ request: PeerRequest, key: String?) async -> StripeBooks.Answer {
        let form = StripeForm(request.body)
        guard let charge = form["charge"] ?? form["payment_intent"],
            let amount = form["amount"].flatMap({ Int64($0) }), amount > 0
        else { return .error(400, code: "parameter_missing", param: nil, "Missing parameter") }
        if let refusal = books.refusal(of: amount, from: charge) { return refusal }
        guard let known = books.charges[charge] else { preconditionFailure("it was found above") }
        let attempt = books.reserve(amount, of: charge)
        guard let json = await make(request, form, known), let id = StripeJSON.text("id", json)
        else {
            books.release(amount, of: charge)
            return .error(502, type: "api_error", code: nil, param: nil, "The peer refused it")
        }
        let (first, later) = known.fate.statuses(attempt: attempt)
        let refund = StripeBooks.Refund(
            id: id, charge: charge, amount: amount, currency: known.currency, key: key,
            metadata: form.metadata, status: first, json: json)
        books.add(refund)
        tell("refund.created", of: refund)
        if let later { turn(id, to: later) }
        return StripeBooks.Answer(status: 200, body: StripeJSON.laid(over: json, refund))
    }

    private func turn(_ id: String, to status: StripeStatus) {
        let wait = Int.random(in: configuration.turnMilliseconds, using: &generator)
        Task {
            try? await Task.sleep(for: .milliseconds(wait))
            books.turn(id, to: status)
            guard let refund = books.refunds[id] else { return }
            tell("refund.updated", of: refund)
            if case .failed = status { tell("refund.failed", of: refund) }
        }
    }

    /// The peer's refund object, or one of our own where there is no peer.
    private func make(
        _ request: PeerRequest, _ form: StripeForm, _ charge: StripeBooks.Charge
    ) async -> [UInt8]? {
        guard peer != nil else {
            return StripeJSON.refund(
                id:
                    "re_own\(books.order.count)x\(UInt32.random(in: 0 ... .max, using: &generator))",
                charge.reference, charge.currency, form)
        }
        // The peer has no charges `py_…`.
        let body = String(decoding: request.body, as: UTF8.self)
            .replacingOccurrences(of: "charge=py_", with: "charge=ch_")
        let answer = await ask("POST", "/v1/refunds", body)
        return answer?.status == 200 ? answer?.body : nil
    }

    // MARK: GET

    /// One refund or a list, from the peer, with the statuses that the peer does not know.
    func get(_ request: PeerRequest, _ fault: StripeFault?) async -> StripeBooks.Answer {
        let isList = request.target.hasPrefix("/v1/refunds?")
        if isList, fault == .emptyList {
            return .init(
                status: 200,
                body: Array(#"{"object": "list", "data": [], "has_more": false}"#.utf8))
        }
        if let charge = charge(request.target) { return charge }
        guard peer != nil else { return own(request.target, isList) }
        let target = request.target.replacingOccurrences(of: "charge=py_", with: "charge=ch_")
        guard let answer = await ask("GET", target) else {
            return .error(502, type: "api_error", code: nil, param: nil, "The peer is away")
        }
        guard answer.status == 200 else { return answer }
        return .init(status: 200, body: StripeJSON.laid(over: answer.body, by: books.refunds))
    }

    /// What is left of a payment: the peer does not know what failed or was canceled.
    private func charge(_ target: String) -> StripeBooks.Answer? {
        let path = target.prefix { $0 != "?" }
        guard path.hasPrefix("/v1/charges/") || path.hasPrefix("/v1/payment_intents/"),
            let charge = books.charges[String(path.split(separator: "/").last ?? "")]
        else { return nil }
        return .init(
            status: 200, body: StripeJSON.charge(charge, isIntent: path.hasPrefix("/v1/payment")))
    }

    private func own(_ target: String, _ isList: Bool) -> StripeBooks.Answer {
        if !isList {
            guard let refund = books.refunds[String(target.split(separator: "/").last ?? "")] else {
                return .error(404, code: "resource_missing", param: "id", "No such refund")
            }
            return .init(status: 200, body: StripeJSON.laid(over: refund.json, refund))
        }
        let query = StripeForm(Array((target.split(separator: "?").last ?? "").utf8))
        let charge = query["charge"] ?? query["payment_intent"] ?? ""
        let refunds = books.refunds(of: charge)
        return .init(status: 200, body: StripeJSON.list(refunds))
    }

    // MARK: The peer

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
    private func ask(
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
