import RefundMessages

/// One request of Stripe's API, and nothing of how it is sent.
struct StripeRequest: Sendable, Hashable {
    /// Refunds asked for at once when listing; Stripe's own most.
    static let pageSize = 100

    /// Path and query.
    var target: String
    /// Posted as a form; nil: a GET.
    var form: String?
    var idempotencyKey: String?

    /// The payment that is refunded, in the parameter that its reference's prefix asks for.
    private static func payment(_ reference: String) -> (name: String, value: String)? {
        let isToken = reference.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || isLetterOrDigit(byte)
        }
        guard isToken else { return nil }
        if reference.hasPrefix("pi_") { return ("payment_intent", reference) }
        if reference.hasPrefix("ch_") || reference.hasPrefix("py_") { return ("charge", reference) }
        return nil
    }

    /// `POST /v1/refunds`. The leg's id goes with it, so that the refund can be found without a key.
    /// - Parameter amount: in Stripe's units.
    static func refund(_ refund: ProviderRefund, amount: Int64) -> StripeRequest? {
        guard let payment = payment(refund.paymentReference) else { return nil }
        let caseID = String(refund.legID.prefix { $0 != "/" })
        let form = [
            payment, ("amount", "\(amount)"), ("metadata[\(StripeMetadata.leg)]", refund.legID),
            ("metadata[\(StripeMetadata.request)]", caseID),
            ("metadata[\(StripeMetadata.key)]", refund.key),
        ]
        return StripeRequest(
            target: "/v1/refunds", form: encode(form), idempotencyKey: refund.key)
    }

    /// `GET /v1/refunds/{id}`.
    /// - Returns: nil where that is no id, which would make another path of it.
    static func retrieve(_ id: String) -> StripeRequest? {
        guard !id.isEmpty,
            id.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || isLetterOrDigit($0) })
        else { return nil }
        return StripeRequest(target: "/v1/refunds/\(id)")
    }

    /// `GET /v1/refunds` of one payment, the page after the refund `last`.
    static func list(of reference: String, after last: String?) -> StripeRequest? {
        guard let payment = payment(reference) else { return nil }
        let query =
            [payment, ("limit", "\(pageSize)")] + (last.map { [("starting_after", $0)] } ?? [])
        return StripeRequest(target: "/v1/refunds?" + encode(query))
    }

    /// The charge of a payment, with what is left of it.
    static func charge(of reference: String) -> StripeRequest? {
        guard let payment = payment(reference) else { return nil }
        return payment.name == "charge"
            ? StripeRequest(target: "/v1/charges/\(reference)")
            : StripeRequest(
                target: "/v1/payment_intents/\(reference)?"
                    + encode([("expand[]", "latest_charge")]))
    }

    /// Reads the answer to ``charge(of:)``.
    static func readCharge(_ json: JSONValue) throws(MessageFault) -> StripeCharge {
        try StripeCharge(json: json["latest_charge"].ifPresent ?? json)
    }

    private static func encode(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { "\(escape($0.name))=\(escape($0.value))" }.joined(separator: "&")
    }

    /// Everything but RFC 3986's unreserved characters.
    private static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            if isLetterOrDigit(byte) || "-._~".utf8.contains(byte) {
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return escaped
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}

/// What we write on each refund, to know it again.
enum StripeMetadata {
    /// The leg's id; its refunds are found by it.
    static let leg = "leg_id"
    /// The request's id, for people at Stripe's dashboard.
    static let request = "request_id"
    /// The idempotency key it was asked for with: tells the attempts of a leg apart.
    static let key = "idempotency_key"
}
