import RefundMessages

/// A refund object of Stripe's, as far as it matters.
struct StripeRefund: Sendable, Hashable {
    enum Status: String, Sendable, Hashable {
        case pending, requiresAction = "requires_action", succeeded, failed, canceled

        /// Whether its money is out, or still may be.
        var isLive: Bool { self != .failed && self != .canceled }
    }

    var id: String
    /// In Stripe's units.
    var amount: Int64
    /// ISO 4217, in capitals as ours.
    var currency: String
    var status: Status
    var failureReason: String?
    /// Of its metadata.
    var legID: String?
    var key: String?

    /// Stripe's ids and codes are shorter.
    private static let textLength = 0...500

    init(json: JSONValue) throws(MessageFault) {
        guard try json["object"].text() == "refund" else { throw json.fault("is no refund") }
        id = try json["id"].text()
        amount = try json["amount"].integer()
        currency = try json["currency"].text(3...3).uppercased()
        let status = try json["status"]
        guard let known = Status(rawValue: try status.text()) else {
            throw status.fault("is no known status of a refund")
        }
        self.status = known
        failureReason = try json["failure_reason"].ifPresent?.text(Self.textLength)
        let metadata = try json["metadata"].ifPresent
        // What others write into their metadata is theirs.
        legID = try? metadata?["leg_id"].ifPresent?.text(Self.textLength)
        key = try? metadata?["idempotency_key"].ifPresent?.text(Self.textLength)
    }

    /// As an answer about the refund `asked`.
    func answer(to asked: ProviderRefund) -> ProviderAnswer {
        // A currency or an amount that we cannot even say is not the one that we asked for.
        guard let amount = StripeAmount.decode(amount, currency) else {
            return .unknown(.unreadable)
        }
        let object = RefundObject(reference: id, amount: amount, currency: currency)
        switch status {
        case .pending: return .pending(object)
        case .requiresAction: return .requiresAction(object)
        case .succeeded: return .succeeded(object)
        // Nothing was paid, and the customer is still owed: the reason may be missing.
        case .failed, .canceled: return .failed(reason: failureReason ?? status.rawValue, object)
        }
    }
}

/// One page of `GET /v1/refunds`.
struct StripeRefundPage: Sendable, Hashable {
    var refunds: [StripeRefund]
    var hasMore: Bool

    init(json: JSONValue) throws(MessageFault) {
        refunds = try json["data"].list(0...StripeRequest.pageSize) {
            (value) throws(MessageFault) in try StripeRefund(json: value)
        }
        hasMore = try json["has_more"].bool()
    }
}

/// What a charge has left, of `GET /v1/charges/{id}`.
struct StripeCharge: Sendable, Hashable {
    /// In Stripe's units.
    var captured: Int64
    /// In Stripe's units, pending refunds included.
    var refunded: Int64

    init(json: JSONValue) throws(MessageFault) {
        let amount = try json["amount"].integer()
        captured = try json["amount_captured"].ifPresent?.integer() ?? amount
        refunded = try json["amount_refunded"].integer()
    }
}

/// The body of an error.
struct StripeError: Sendable, Hashable {
    var type: String?
    var code: String?
    var declineCode: String?
    /// The parameter that is at fault.
    var parameter: String?

    init(_ body: [UInt8]) {
        let error = try? StripeJSON.parse(body)["error"]
        func text(_ name: StaticString) -> String? {
            guard let error else { return nil }
            return try? error[name].ifPresent?.text(0...500)
        }
        type = text("type")
        code = text("code")
        declineCode = text("decline_code")
        parameter = text("param")
    }
}

enum StripeJSON {
    /// Expanded objects nest; ours are told to expand little.
    private static let limits = JSONLimits(maxBytes: StripeTransport.mostBytes, maxDepth: 64)

    static func parse(_ body: [UInt8]) throws(MessageFault) -> JSONValue {
        try JSONDocument(body, limits: limits).root
    }
}
