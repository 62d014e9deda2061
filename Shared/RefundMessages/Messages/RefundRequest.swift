/// `refund.request.v1`: a storefront asks for a refund.
public struct RefundRequest: Sendable, Hashable {
    /// The idempotency key: an id of the publisher's choice.
    public var requestID: String
    /// The order this is about.
    public var orderID: String
    /// The customer's account.
    public var accountID: String
    /// The instant as of which everything is judged.
    public var requestedAt: Instant
    /// Nil: every line not yet refunded. Never empty, never with a repetition.
    public var lines: [String]?
    /// Whether nothing is to be refunded unless every line is.
    public var allOrNothing: Bool
    /// Whether only advice is asked for: nothing is held, paid or remembered.
    public var dryRun: Bool
    /// At most 500 Unicode scalars.
    public var reason: String?

    /// From its parts, which are not checked.
    public init(
        requestID: String, orderID: String, accountID: String, requestedAt: Instant,
        lines: [String]? = nil, allOrNothing: Bool = false, dryRun: Bool = false,
        reason: String? = nil
    ) {
        self.requestID = requestID
        self.orderID = orderID
        self.accountID = accountID
        self.requestedAt = requestedAt
        self.lines = lines
        self.allOrNothing = allOrNothing
        self.dryRun = dryRun
        self.reason = reason
    }

    /// Whether both ask for the same: lines compare as a set, instants as instants, and the reason
    /// scalar by scalar (Swift's `==` takes a composed and a decomposed "é" for the same).
    public func asksTheSame(as other: RefundRequest) -> Bool {
        guard (reason ?? "").utf8.elementsEqual((other.reason ?? "").utf8) else { return false }
        var left = self
        var right = other
        left.lines?.sort()
        right.lines?.sort()
        return left == right
    }
}
