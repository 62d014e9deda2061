/// `order.paid.v1`: billing's whole description of a paid order, at one version.
public struct OrderPaid: Sendable, Hashable {
    /// The order this is about.
    public var orderID: String
    /// From 1; a document whose version is not higher than the stored one is ignored.
    public var version: Int64
    /// The customer's account.
    public var accountID: String
    /// When the order was paid; the window is counted from its day (GEN-1).
    public var paidAt: Instant
    /// ISO 4217, active, of money in circulation.
    public var currency: String
    /// The id of the promotion the order was bought in (GEN-2).
    public var promotion: String?
    /// What was paid in cash, in the order in which refunds are taken from it.
    public var payments: [OrderPayment]
    /// 1 to 100.
    public var lines: [OrderLine]

    /// From its parts, which are not checked.
    public init(
        orderID: String, version: Int64, accountID: String, paidAt: Instant, currency: String,
        promotion: String? = nil, payments: [OrderPayment], lines: [OrderLine]
    ) {
        self.orderID = orderID
        self.version = version
        self.accountID = accountID
        self.paidAt = paidAt
        self.currency = currency
        self.promotion = promotion
        self.payments = payments
        self.lines = lines
    }
}

/// One payment of an order. `cash` in minor units.
public struct OrderPayment: Sendable, Hashable {
    /// The payment, unique within its order.
    public var paymentID: String
    /// Who took the payment.
    public var provider: PaymentProviderName
    /// The provider's own reference, 1–256 characters.
    public var reference: String
    /// How it was paid, as `card`: 1–256 characters.
    public var method: String
    /// The part paid in cash, minor units.
    public var cash: Int64

    /// From its parts, which are not checked.
    public init(
        paymentID: String, provider: PaymentProviderName, reference: String, method: String,
        cash: Int64
    ) {
        self.paymentID = paymentID
        self.provider = provider
        self.reference = reference
        self.method = method
        self.cash = cash
    }
}

/// Who took a payment.
public enum PaymentProviderName: String, Sendable, Hashable, CaseIterable {
    case sandbox, stripe, balance
}

/// One line of an order. `fee` (list price) and `cash` (the part paid in cash) in minor units.
public struct OrderLine: Sendable, Hashable {
    /// The order line this is about.
    public var lineID: String
    /// The product of the line.
    public var product: Product
    /// Always `certificate` for products other than certificates.
    public var item: LineItem
    /// A managed service's certificate line.
    public var parent: String?
    /// The list price, minor units.
    public var fee: Int64
    /// The part paid in cash, minor units.
    public var cash: Int64

    /// From its parts, which are not checked.
    public init(
        lineID: String, product: Product, item: LineItem = .certificate, parent: String? = nil,
        fee: Int64, cash: Int64
    ) {
        self.lineID = lineID
        self.product = product
        self.item = item
        self.parent = parent
        self.fee = fee
        self.cash = cash
    }
}
