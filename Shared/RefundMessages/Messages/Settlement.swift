/// `refund.settle.v1` (internal): one leg is due to be driven on. It names the leg and nothing
/// else: what is to be paid is read from the store, where it was committed.
public struct SettleLeg: Sendable, Hashable {
    /// The case's key: the request id, or a dry run's own key.
    public var caseID: String
    /// `<requestID>/<paymentID>`, which is also the provider's idempotency key.
    public var legID: String

    /// From its parts, which are not checked.
    public init(caseID: String, legID: String) {
        self.caseID = caseID
        self.legID = legID
    }
}

/// `refund.payment.v1` (internal): a provider says that something happened to a refund of ours.
/// It moves no money by itself: the refund is asked for again.
public struct PaymentNotice: Sendable, Hashable {
    /// Who says it.
    public var provider: PaymentProviderName
    /// The provider's id of this event, by which a repetition is told.
    public var eventID: String
    /// The idempotency key of the refund: our leg's id.
    public var legID: String

    /// From its parts, which are not checked.
    public init(provider: PaymentProviderName, eventID: String, legID: String) {
        self.provider = provider
        self.eventID = eventID
        self.legID = legID
    }
}
