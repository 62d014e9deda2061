import RefundMessages

/// A step of a leg that moves money between accounts of the ledger.
enum LedgerTransition: String, Sendable, Hashable, CaseIterable {
    /// The refund is owed: posted with the intent, before a provider is called.
    case decided
    /// The provider paid, or the balance took, what was owed.
    case succeeded
    /// The provider took a reported success back.
    case reversed
    /// The account balance took what the original method could not (GEN-5).
    case credited
    /// An operator closed the leg without payment, or what was taken back was not owed any more.
    case released
    /// An operator bore what was paid beyond what was owed.
    case writtenOff = "written_off"
}

/// A double-entry posting as one row: one amount from one account to another, so that it balances by
/// construction. Immutable, and unique by (leg, transition, attempt): posting it again is no change.
struct LedgerTransfer: Sendable, Hashable {
    var legID: String
    var transition: LedgerTransition
    /// How often a success of the leg had been reversed before.
    var attempt: Int
    var debit: LedgerAccount
    var credit: LedgerAccount
    /// Minor units, above 0.
    var amount: Int64
    var currency: String
    var postedAt: Instant
}

/// An account of the ledger. A customer's balance is the sum of its credits less its debits.
enum LedgerAccount: Sendable, Hashable {
    /// What refunds cost the business.
    case refunds
    /// What is owed for legs not yet settled.
    case payable
    /// What a provider paid out.
    case provider(PaymentProviderName)
    /// A customer's account balance.
    case customer(String)

    var name: String {
        switch self {
        case .refunds: "refunds"
        case .payable: "payable"
        case .provider(let provider): "provider:\(provider.rawValue)"
        case .customer(let accountID): "customer:\(accountID)"
        }
    }
}

extension LedgerTransfer {
    /// The posting of one transition of a leg.
    init(
        _ transition: LedgerTransition, of leg: Leg, legID: String, accountID: String,
        currency: String, at now: Instant
    ) {
        let paidBy: LedgerAccount =
            leg.provider == .balance ? .customer(accountID) : .provider(leg.provider)
        let (debit, credit): (LedgerAccount, LedgerAccount) =
            switch transition {
            case .decided: (.refunds, .payable)
            case .succeeded: (.payable, paidBy)
            case .reversed: (paidBy, .payable)
            case .credited: (.payable, .customer(accountID))
            case .released: (.payable, .refunds)
            case .writtenOff: (.refunds, .payable)
            }
        self.init(
            legID: legID, transition: transition, attempt: leg.reversals, debit: debit,
            credit: credit, amount: leg.amount, currency: currency, postedAt: now)
    }
}
