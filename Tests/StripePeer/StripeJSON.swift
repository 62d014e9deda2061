import Foundation

/// Stripe's objects as the proxy reads and changes them.
enum StripeJSON {
    private static func object(_ body: [UInt8]) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    }

    private static func bytes(_ object: [String: Any]) -> [UInt8] {
        (try? JSONSerialization.data(withJSONObject: object)).map(Array.init) ?? []
    }

    static func text(_ name: String, _ body: [UInt8]) -> String? { object(body)[name] as? String }

    static func without(_ name: String, _ body: [UInt8]) -> [UInt8] {
        var object = object(body)
        object[name] = nil
        return bytes(object)
    }

    /// The refund with the status it has by our books.
    static func laid(over body: [UInt8], _ refund: StripeBooks.Refund) -> [UInt8] {
        bytes(laid(over: object(body), refund))
    }

    /// The same for a refund or a list of them.
    static func laid(over body: [UInt8], by refunds: [String: StripeBooks.Refund]) -> [UInt8] {
        var answer = object(body)
        if let list = answer["data"] as? [[String: Any]] {
            answer["data"] = list.map { laid(over: $0, refunds[$0["id"] as? String ?? ""]) }
            return bytes(answer)
        }
        return bytes(laid(over: answer, refunds[answer["id"] as? String ?? ""]))
    }

    private static func laid(
        over object: [String: Any], _ refund: StripeBooks.Refund?
    ) -> [String: Any] {
        guard let refund else { return object }
        var object = object
        object["status"] = refund.status.name
        if let reason = refund.status.failureReason { object["failure_reason"] = reason }
        if refund.charge.hasPrefix("py_") { object["charge"] = refund.charge }
        return object
    }

    /// A refund object without a peer's help.
    static func refund(
        id: String, _ reference: String, _ currency: String, _ form: StripeForm
    ) -> [UInt8] {
        bytes([
            "id": id, "object": "refund", "amount": form["amount"].flatMap { Int64($0) } ?? 0,
            "currency": currency, "charge": reference, "metadata": form.metadata,
            "status": "succeeded",
        ])
    }

    /// A charge, or a payment intent with its charge expanded.
    static func charge(_ charge: StripeBooks.Charge, isIntent: Bool) -> [UInt8] {
        let object: [String: Any] = [
            "id": charge.reference, "object": "charge", "amount": charge.amount,
            "amount_captured": charge.amount, "amount_refunded": charge.out,
            "currency": charge.currency, "captured": true,
        ]
        guard isIntent else { return bytes(object) }
        return bytes([
            "id": charge.reference, "object": "payment_intent", "amount": charge.amount,
            "latest_charge": object,
        ])
    }

    static func list(_ refunds: [StripeBooks.Refund]) -> [UInt8] {
        bytes([
            "object": "list", "has_more": false,
            "data": refunds.map { laid(over: object($0.json), $0) },
        ])
    }

    static func ids(_ body: [UInt8]) -> (list: [String], hasMore: Bool) {
        let list = object(body)
        let data = list["data"] as? [[String: Any]] ?? []
        return (data.compactMap { $0["id"] as? String }, list["has_more"] as? Bool ?? false)
    }

    /// An event about a refund, as Stripe's webhooks send it.
    static func event(
        id: String, _ type: String, _ refund: StripeBooks.Refund, at seconds: Int
    ) -> [UInt8] {
        bytes([
            "id": id, "object": "event", "type": type, "created": seconds, "livemode": false,
            "api_version": "2025-04-30.basil",
            "data": ["object": laid(over: object(refund.json), refund)],
        ])
    }
}

/// `application/x-www-form-urlencoded`.
struct StripeForm {
    private var values: [String: String] = [:]

    init(_ body: [UInt8]) {
        for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { String($0).removingPercentEncoding ?? "" }
            values[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
    }

    subscript(name: String) -> String? { values[name] }

    /// Of `metadata[…]`.
    var metadata: [String: String] {
        var metadata: [String: String] = [:]
        for (name, value) in values where name.hasPrefix("metadata[") {
            metadata[String(name.dropFirst(9).dropLast())] = value
        }
        return metadata
    }
}
