import RefundMessages

/// The part of a refund that goes back over one payment: the amount, the way it takes, and how far
/// it has come. Pure: the world's answers come in as events, the changes go out as values.
///
/// *Unknown is not failed*: only a definite negative releases a leg to the balance (GEN-5), and time
/// alone never makes one.
struct Leg: Sendable, Hashable {
    enum State: String, Sendable, Hashable, CaseIterable {
        /// Decided, nothing handed over: a revised result may still replace it.
        case planned
        /// Intent, amount and key are committed; a provider is being called, or will be again after
        /// calls that had no effect for certain.
        case submitting
        /// The effect of a call is not known: the same key again, or a look-up, will tell.
        case unknown
        /// The provider has accepted the refund and not finished it.
        case pending
        /// The same, and the customer has to do something about it.
        case requiresAction = "requires_action"
        case succeeded
        /// For certain not paid: another attempt follows under a key of its own (what failed is ours
        /// to mend), or, where `isClosed`, none.
        case failed
        /// An operator decided for the balance; the provider is asked once more before that is
        /// posted.
        ///
        /// On a provider's own definite failure no such step is stored: the ledger is in the same
        /// database, so that the posting and the leg's new state are one transaction, and a durable
        /// intent before it would protect nothing. The leg passes through within that transaction.
        case crediting
        /// The original method failed for certain; the account balance was credited (GEN-5).
        case credited
        /// Neither paid nor safely rerouted, or paid beside what settled it: an operator must act.
        case exception
    }

    enum ExceptionReason: String, Sendable, Hashable, CaseIterable {
        case attemptsSpent = "attempts_spent"
        case disputed
        case refusedByMerchant = "refused_by_merchant"
        case providerNotConfigured = "provider_not_configured"
        case amountMismatch = "amount_mismatch"
        /// Refunds that are not ours took what this one would have paid.
        case takenByOthers = "taken_by_others"
        case amountNotRepresentable = "amount_not_representable"
        case invalidRequest = "invalid_request"
        /// A success that came after the balance was credited, or a second one.
        case doublePayout = "double_payout"
        /// A success that came after an operator had closed the leg without payment.
        case paidAfterClose = "paid_after_close"

        /// The leg had come to its end before: the money went out besides. Its outcome stands.
        var isOverpayment: Bool { self == .doublePayout || self == .paidAfterClose }
    }

    /// What to ask a provider.
    enum Call: String, Sendable, Hashable, CaseIterable {
        case refund
        case lookUp = "look_up"
    }

    /// Why a look-up goes before the same key again.
    enum Doubt: String, Sendable, Hashable, CaseIterable {
        /// The provider may repeat a stored answer that says nothing: found nothing, the key again.
        case answerStored = "answer_stored"
        /// The payment has nothing left: only finding our own refund, or others', decides.
        case contested
        /// An operator wants it tried again.
        case retried
    }

    var paymentID: String
    var provider: PaymentProviderName
    /// The provider's reference of the original payment.
    var paymentReference: String
    /// Minor units, above 0.
    var amount: Int64
    var state: State = .planned
    /// Which refund at the provider, from 1: each has a key of its own, and a further one follows only
    /// on a definite failure of the one before.
    var refundAttempt: Int = 1
    /// The provider refused that refund for certain: under its key nothing will ever be paid.
    var isKeySpent = false
    /// Calls begun since the leg last changed its state: intervals grow with it.
    var attempts: Int = 0
    /// The first call: the budget runs from here.
    var firstAttemptAt: Instant?
    /// The first call under the current key that may have reached the provider, which forgets keys.
    var keyUsedAt: Instant?
    /// Since when the budget runs, where an operator's retry began it anew.
    var budgetFrom: Instant?
    /// When the leg is to be driven on, or asked for again; nil where nothing is awaited.
    var nextAttemptAt: Instant?
    /// The call under way, or lost with its process. Its answer, or its lease, ends it.
    var calling: Call?
    var doubt: Doubt?
    /// The call under way had been made before under its key, perhaps with an effect: its answer may
    /// be the one of then, whatever came since.
    var isRepeated = false
    /// The provider, or somebody in its name, said that something happened: the provider is asked.
    var isNoticed = false
    /// The provider's id of the refund.
    var refundReference: String?
    var failureReason: String?
    var exceptionReason: ExceptionReason?
    /// How often a reported success was taken back.
    var reversals: Int = 0
    /// An operator closed it without payment.
    var isClosed = false
    /// When the leg came to its last end or exception: it is asked for again for a while.
    var restedAt: Instant?
    var books = Books()
    /// How it came to where it is, oldest first.
    var history: [Entry] = []

    init(paymentID: String, provider: PaymentProviderName, paymentReference: String, amount: Int64)
    {
        self.paymentID = paymentID
        self.provider = provider
        self.paymentReference = paymentReference
        self.amount = amount
    }
}

extension Leg {
    /// What the ledger has of the leg, counted in its amount: the net of its postings.
    struct Books: Sendable, Hashable {
        /// Decided, less released; a second time where an overpayment was written off.
        var owed = 0
        /// Paid out by the provider, less taken back.
        var paid = 0
        /// Credited to the account balance.
        var credited = 0

        /// Owed and not settled; below 0, paid out beyond what was owed.
        var payable: Int { owed - paid - credited }
    }

    /// One change of state.
    struct Entry: Sendable, Hashable {
        var at: Instant
        /// `Trigger`'s name of what happened.
        var trigger: String
        var state: State
        /// The operator who wanted it so.
        var by: String?
    }
}

extension Leg {
    var route: RefundOutcome.Leg.Route { books.credited > 0 ? .balance : .original }

    /// Money went one way or the other, and as far as the customer is concerned it stays so.
    var isSettled: Bool {
        switch stage {
        case .succeeded, .credited, .overpaid: !isClosed
        case .planned, .submitting, .unknown, .pending, .requiresAction, .failed, .closed,
            .crediting, .exception:
            false
        }
    }

    /// Ended, or left to an operator: only asked for again now and then.
    var isAtRest: Bool {
        switch stage {
        case .planned, .submitting, .unknown, .pending, .requiresAction, .failed, .crediting: false
        case .succeeded, .credited, .closed, .exception, .overpaid: true
        }
    }

    /// Nothing is awaited any more for the customer's outcome.
    var isAtEnd: Bool { isSettled || isClosed }

    /// Whether the leg was handed to its provider: from then on a revised result only alerts.
    var isHandedOver: Bool { state != .planned }

    /// Of a leg that is not closed.
    var status: RefundOutcome.Leg.Status {
        switch stage {
        case .planned, .submitting, .unknown, .pending, .requiresAction, .failed, .crediting:
            .pending
        case .succeeded, .credited, .overpaid: .succeeded
        case .exception, .closed: .exception
        }
    }
}
