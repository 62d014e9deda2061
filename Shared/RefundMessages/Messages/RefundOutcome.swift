/// `refund.outcome.v1`: what became of a request, so far or for good.
public struct RefundOutcome: Sendable, Hashable {
    /// A state, by its name on the wire.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        case refunded, denied, settling, advice
        case partiallyRefunded = "partially_refunded"
        case actionRequired = "action_required"
        case inReview = "in_review"
        case settlementException = "settlement_exception"

        /// Whether no further outcome follows, but for a late failure of the provider.
        public var isFinal: Bool {
            switch self {
            case .refunded, .partiallyRefunded, .denied, .actionRequired, .advice: true
            case .inReview, .settling, .settlementException: false
            }
        }
    }

    /// A requested line with its product and what was found about it.
    public struct Line: Sendable, Hashable {
        /// What the line sells.
        public var product: Product
        /// What was found, with amount, rules and steps.
        public var verdict: LineVerdict
        /// `refunded` on a refunded `pca` line (PCA-4), else nil.
        public var resourceStatus: String?

        /// From its parts, which are not checked.
        public init(product: Product, verdict: LineVerdict, resourceStatus: String? = nil) {
            self.product = product
            self.verdict = verdict
            self.resourceStatus = resourceStatus
        }
    }

    /// The money of an outcome.
    public struct Refund: Sendable, Hashable {
        /// Minor units: the sum of the legs.
        public var amount: Int64
        /// ISO 4217.
        public var currency: String
        /// One for each payment that something is taken from.
        public var legs: [Leg]

        /// From its parts, which are not checked.
        public init(amount: Int64, currency: String, legs: [Leg]) {
            self.amount = amount
            self.currency = currency
            self.legs = legs
        }
    }

    /// The part of a refund that is taken from one payment.
    public struct Leg: Sendable, Hashable {
        /// Back to the payment, or to the account balance after a fallback (GEN-5).
        public enum Route: String, Sendable, Hashable, CaseIterable { case original, balance }
        /// A state, by its name on the wire.
        public enum Status: String, Sendable, Hashable, CaseIterable {
            case pending, succeeded, exception
        }

        /// The payment, unique within its order.
        public var paymentID: String
        /// What is taken from the payment, minor units.
        public var amount: Int64
        /// Where it went.
        public var route: Route
        /// How far it is.
        public var status: Status
        /// The provider's id of the refund, where it gave one.
        public var reference: String?

        /// From its parts, which are not checked.
        public init(
            paymentID: String, amount: Int64, route: Route, status: Status, reference: String? = nil
        ) {
            self.paymentID = paymentID
            self.amount = amount
            self.route = route
            self.status = status
            self.reference = reference
        }
    }

    /// The request this is the answer to.
    public var requestID: String
    /// The order this is about.
    public var orderID: String
    /// The account that asked.
    public var accountID: String
    /// From 1, growing by one with each outcome of the request that differs.
    public var revision: Int64
    /// How far it is.
    public var status: Status
    /// The reason of the whole outcome; nil where the lines say it.
    public var code: OutcomeCode?
    /// `refund_succeeded` once the money is settled, else nil.
    public var orderStatus: String?
    /// The requested lines, in the order of the order; empty where nothing is told.
    public var lines: [Line]
    /// The money; nil where nothing is paid.
    public var refund: Refund?
    /// The order's deadline, exclusive (GEN-1); nil where nothing about the order is told.
    public var deadline: Instant?
    /// When every line was decided.
    public var decidedAt: Instant?
    /// When the money was settled.
    public var settledAt: Instant?
    /// The version of the refund policy that was applied.
    public var policyVersion: String

    /// From its parts, which are not checked.
    public init(
        requestID: String, orderID: String, accountID: String, revision: Int64, status: Status,
        code: OutcomeCode? = nil, orderStatus: String? = nil, lines: [Line] = [],
        refund: Refund? = nil, deadline: Instant? = nil, decidedAt: Instant? = nil,
        settledAt: Instant? = nil, policyVersion: String
    ) {
        self.requestID = requestID
        self.orderID = orderID
        self.accountID = accountID
        self.revision = revision
        self.status = status
        self.code = code
        self.orderStatus = orderStatus
        self.lines = lines
        self.refund = refund
        self.deadline = deadline
        self.decidedAt = decidedAt
        self.settledAt = settledAt
        self.policyVersion = policyVersion
    }

    /// `<status>` followed by `.<product>` for each product of the request, sorted.
    public var routingKey: String {
        ([status.rawValue] + Set(lines.map(\.product)).sorted().map(\.rawValue))
            .joined(separator: ".")
    }
}
