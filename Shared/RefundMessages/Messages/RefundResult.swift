/// `refund.result.v1` (internal): a product's worker answers a check, or revises its answer.
public struct RefundResult: Sendable, Hashable {
    /// The case's key: the request id, or a dry run's own key.
    public var caseID: String
    /// The request of the check.
    public var requestID: String
    /// The order this is about.
    public var orderID: String
    /// Whose worker answers.
    public var product: Product
    /// From 1, growing by one with each revision; a lower or equal one than the known is ignored.
    public var revision: Int64
    /// One for each line of the check, in its order.
    public var lines: [LineVerdict]

    /// From its parts, which are not checked.
    public init(
        caseID: String, requestID: String, orderID: String, product: Product, revision: Int64,
        lines: [LineVerdict]
    ) {
        self.caseID = caseID
        self.requestID = requestID
        self.orderID = orderID
        self.product = product
        self.revision = revision
        self.lines = lines
    }
}
