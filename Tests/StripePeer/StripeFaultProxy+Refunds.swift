import Foundation

extension StripeFaultProxy {
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

    func refund(_ request: PeerRequest, key: String?) async -> StripeBooks.Answer {
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
}
