/// What truly happened at the provider: charges, refunds, and what was answered under each key. A
/// value without I/O; ``StripeFaultProxy`` keeps it.
public struct StripeBooks: Sendable {
    /// A payment that can be refunded.
    public struct Charge: Sendable, Hashable {
        /// `ch_…`, `py_…`, or `pi_…` where it is refunded by its payment intent.
        public var reference: String
        /// In Stripe's units.
        public var amount: Int64
        /// Lower case.
        public var currency: String
        var fate: StripeFate
        /// Refunds asked for that passed the checks.
        var attempts = 0
        /// What is out, or still may be; with what is just being refunded.
        public internal(set) var out: Int64 = 0
    }

    /// One effect.
    public struct Refund: Sendable, Hashable {
        /// `re_…`.
        public var id: String
        /// The reference it was asked with.
        public var charge: String
        /// In Stripe's units.
        public var amount: Int64
        /// Lower case.
        public var currency: String
        /// The idempotency key it came under.
        public var key: String?
        /// As it was given.
        public var metadata: [String: String]
        /// As it is now.
        public var status: StripeStatus
        /// As somebody made it, before the status of ours is laid over it.
        var json: [UInt8]
    }

    /// An answer kept for a key.
    struct Answer: Sendable, Hashable {
        var status: Int
        var body: [UInt8]
    }

    enum Key: Sendable, Hashable {
        case inProgress(request: [UInt8])
        case answered(request: [UInt8], Answer)
    }

    /// By reference.
    public private(set) var charges: [String: Charge] = [:]
    /// By id.
    public private(set) var refunds: [String: Refund] = [:]
    /// Ids in the order of their making.
    public private(set) var order: [String] = []
    var keys: [String: Key] = [:]

    /// The refunds that bear a leg's id, in the order of their making.
    public func refunds(ofLeg leg: String) -> [Refund] {
        (byLeg[leg] ?? []).compactMap { refunds[$0] }
    }

    /// The refunds of a payment, newest first.
    func refunds(of charge: String) -> [Refund] {
        (byCharge[charge] ?? []).reversed().compactMap { refunds[$0] }
    }

    private var byCharge: [String: [String]] = [:]
    private var byLeg: [String: [String]] = [:]

    mutating func add(_ charge: Charge) { charges[charge.reference] = charge }

    /// Takes the amount before the refund is there, so that two at once cannot pass the limit.
    /// - Returns: how many were begun before.
    mutating func reserve(_ amount: Int64, of charge: String) -> Int {
        charges[charge]?.out += amount
        defer { charges[charge]?.attempts += 1 }
        return charges[charge]?.attempts ?? 0
    }

    mutating func release(_ amount: Int64, of charge: String) { charges[charge]?.out -= amount }

    /// A refund whose amount is reserved.
    mutating func add(_ refund: Refund) {
        refunds[refund.id] = refund
        order.append(refund.id)
        byLeg[refund.metadata["leg_id"] ?? "", default: []].append(refund.id)
        byCharge[refund.charge, default: []].append(refund.id)
        if !refund.status.isOut { release(refund.amount, of: refund.charge) }
    }

    /// What fails or is canceled can be refunded again.
    mutating func turn(_ id: String, to status: StripeStatus) {
        guard let refund = refunds[id] else { return }
        if refund.status.isOut, !status.isOut { release(refund.amount, of: refund.charge) }
        refunds[id]?.status = status
    }

    /// Why Stripe would not refund that much of the charge; nil where it would.
    func refusal(of amount: Int64, from charge: String) -> Answer? {
        guard let known = charges[charge] else {
            return .error(
                404, code: "resource_missing", param: "charge", "No such charge: '\(charge)'")
        }
        let left = known.amount - known.out
        if known.fate == .disputed {
            return .error(
                400, code: "charge_disputed", param: nil,
                "Charge \(charge) has been charged back; cannot issue a refund.")
        }
        if left == 0 {
            return .error(
                400, code: "charge_already_refunded", param: nil,
                "Charge \(charge) has already been refunded.")
        }
        guard amount <= left else {
            return .error(
                400, code: nil, param: "amount",
                "Refund amount (\(amount)) is greater than unrefunded amount on charge (\(left))")
        }
        return nil
    }
}

extension StripeBooks.Answer {
    /// An error body of Stripe's form.
    static func error(
        _ status: Int, type: String = "invalid_request_error", code: String?, param: String?,
        _ message: String
    ) -> Self {
        let fields =
            [("type", type), ("message", message)]
            + (code.map { [("code", $0)] } ?? []) + (param.map { [("param", $0)] } ?? [])
        let body = fields.map { "\"\($0.0)\": \"\($0.1)\"" }.joined(separator: ", ")
        return Self(status: status, body: Array("{\"error\": {\(body)}}".utf8))
    }
}
