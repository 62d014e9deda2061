import RefundMessages

/// Something that the ledger, the cases and what is held of orders do not agree on.
struct LedgerDiscrepancy: Error, Sendable, Hashable {
    enum Code: String, Sendable, Hashable, CaseIterable {
        case caseUnreadable = "case_unreadable"
        // A leg and its postings.
        case postingMissing = "posting_missing"
        case postingUnexpected = "posting_unexpected"
        case postingDiffers = "posting_differs"
        /// Of a request, or a leg, that is not there.
        case postingOrphan = "posting_orphan"
        /// More went out than was owed, and no exception says so.
        case overpaidUnnoticed = "overpaid_unnoticed"
        // A case and what it takes from payments.
        case takingMissing = "taking_missing"
        case takingUnexpected = "taking_unexpected"
        case takingDiffers = "taking_differs"
        case takingOrphan = "taking_orphan"
        // A case and the lines it claims.
        case claimMissing = "claim_missing"
        case claimUnexpected = "claim_unexpected"
        case claimDiffers = "claim_differs"
        case claimOrphan = "claim_orphan"
        // A case and the list of exceptions.
        case exceptionUnlisted = "exception_unlisted"
        case exceptionUnexpected = "exception_unexpected"
        // An order.
        case orderMissing = "order_missing"
        case orderUnreadable = "order_unreadable"
        case paymentUnknown = "payment_unknown"
        /// Posted and held of a payment are more than its cash.
        case paymentOverdrawn = "payment_overdrawn"
        /// The balances do not add up to the postings.
        case balancesDiffer = "balances_differ"
    }

    var code: Code
    /// What it is about: `leg r-1/p-1`, `order o-1`.
    var subject: String
    /// What is there and what should be.
    var detail: String

    init(_ code: Code, _ subject: String, _ detail: String) {
        self.code = code
        self.subject = subject
        self.detail = detail
    }
}

extension LedgerDiscrepancy.Code: JSONWritable {}

extension LedgerDiscrepancy: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("code", code)
            json.field("subject", subject)
            json.field("detail", detail)
        }
    }
}
