/// `refund.outcome.v1`: what became of a request, so far or for good.
public struct RefundOutcome: Sendable, Hashable {
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

    public struct Line: Sendable, Hashable {
        public var product: Product
        public var verdict: LineVerdict
        /// `refunded` on a refunded `pca` line (PCA-4), else nil.
        public var resourceStatus: String?

        public init(product: Product, verdict: LineVerdict, resourceStatus: String? = nil) {
            self.product = product
            self.verdict = verdict
            self.resourceStatus = resourceStatus
        }
    }

    public struct Refund: Sendable, Hashable {
        /// Minor units: the sum of the legs.
        public var amount: Int64
        public var currency: String
        public var legs: [Leg]

        public init(amount: Int64, currency: String, legs: [Leg]) {
            self.amount = amount
            self.currency = currency
            self.legs = legs
        }
    }

    public struct Leg: Sendable, Hashable {
        public enum Route: String, Sendable, Hashable, CaseIterable { case original, balance }
        public enum Status: String, Sendable, Hashable, CaseIterable {
            case pending, succeeded, exception
        }

        public var paymentID: String
        public var amount: Int64
        public var route: Route
        public var status: Status
        /// The provider's id of the refund, where it gave one.
        public var reference: String?

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

    public var requestID: String
    public var orderID: String
    public var accountID: String
    /// From 1, growing by one with each outcome of the request that differs.
    public var revision: Int64
    public var status: Status
    public var code: OutcomeCode?
    /// `refund_succeeded` once the money is settled, else nil.
    public var orderStatus: String?
    public var lines: [Line]
    public var refund: Refund?
    public var deadline: Instant?
    public var decidedAt: Instant?
    public var settledAt: Instant?
    public var policyVersion: String

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
