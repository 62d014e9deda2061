/// `refund.check.v1` (internal): the orchestrator asks one product's worker about its lines.
public struct RefundCheck: Sendable, Hashable {
    /// The case's key: the request id, or for a dry run a key of its own (`~` and a UUID) that no
    /// request id can equal.
    public var caseID: String
    /// The request; of a dry run not unique.
    public var requestID: String
    /// The order this is about.
    public var orderID: String
    /// Whose worker is asked.
    public var product: Product
    /// Whether only advice is asked for: nothing is held, paid or remembered.
    public var dryRun: Bool
    /// Everything is judged as of this instant.
    public var requestedAt: Instant
    /// The order's deadline, exclusive (GEN-1), after the promotion's `windowDays` (GEN-2).
    public var deadline: Instant
    /// The end of the 5th business day after the day of the request (SSL-7).
    public var revocationExpectedBy: Instant
    /// 1 to 100.
    public var lines: [CheckLine]

    /// From its parts, which are not checked.
    public init(
        caseID: String, requestID: String, orderID: String, product: Product, dryRun: Bool,
        requestedAt: Instant, deadline: Instant, revocationExpectedBy: Instant, lines: [CheckLine]
    ) {
        self.caseID = caseID
        self.requestID = requestID
        self.orderID = orderID
        self.product = product
        self.dryRun = dryRun
        self.requestedAt = requestedAt
        self.deadline = deadline
        self.revocationExpectedBy = revocationExpectedBy
        self.lines = lines
    }
}

/// One line of a check: as much of the order as a product's rules need. Amounts in minor units.
public struct CheckLine: Sendable, Hashable {
    /// The order line.
    public var lineID: String
    /// What the line sells.
    public var item: LineItem
    /// A managed service's certificate line, whether or not it is asked for too.
    public var parent: String?
    /// The managed service the order still has for this certificate line, asked for or not.
    public var managedService: String?
    /// The list price, minor units.
    public var fee: Int64
    /// The cash that can be refunded: after `refundablePercent` (GEN-2).
    public var refundable: Int64

    /// From its parts, which are not checked.
    public init(
        lineID: String, item: LineItem = .certificate, parent: String? = nil,
        managedService: String? = nil, fee: Int64, refundable: Int64
    ) {
        self.lineID = lineID
        self.item = item
        self.parent = parent
        self.managedService = managedService
        self.fee = fee
        self.refundable = refundable
    }
}
