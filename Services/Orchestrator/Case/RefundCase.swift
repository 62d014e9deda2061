import RefundMessages

/// One refund request from its acceptance to its last outcome. Pure: `apply`-functions take what
/// happened and when, change the value and return effects; what remains to be sent is a function
/// of the state (`outstanding`).
struct RefundCase: Sendable, Hashable {
    /// The request id; a dry run's begins with `~`, which no request id can.
    var caseID: String
    var request: RefundRequest
    /// The W3C `traceparent` under which the request came, if it had one.
    var traceparent: String?
    var phase: Phase
    /// Of the policy the case was opened under.
    var policyVersion: String
    /// What of the order the case was opened with; nil where the order is not known to the account.
    var terms: Terms?
    var lines: [CaseLine] = []
    /// The revision of each product's latest result; 0 while the first is awaited.
    var resultRevisions: [Product: Int64] = [:]
    var legs: [Leg] = []
    /// The latest outcome, nil before the first.
    var outcome: RefundOutcome?
    /// The revision of `outcome` that the broker has confirmed.
    var confirmedRevision: Int64 = 0
    var decidedAt: Instant?
    var settledAt: Instant?

    enum Phase: String, Sendable, Hashable, CaseIterable {
        /// A product's result is missing.
        case checking
        case inReview = "in_review"
        case settling
        case finished
    }

    /// What the order says of the case as a whole.
    struct Terms: Sendable, Hashable {
        var currency: String
        /// Exclusive (GEN-1, after GEN-2).
        var deadline: Instant
        var revocationExpectedBy: Instant
    }

    var isDryRun: Bool { request.dryRun }

    /// A leg's id, which is also its idempotency key at the provider.
    func legID(of leg: Leg) -> String { "\(caseID)/\(leg.paymentID)" }

    var hasHandedOver: Bool { legs.contains(where: \.isHandedOver) }
}

/// One requested line of a case.
struct CaseLine: Sendable, Hashable {
    var product: Product
    /// As much of the order as the product's rules see.
    var line: CheckLine
    /// What the order's promotion did to the line: the worker's results are finished with it (GEN-2).
    var effect: PromotionEffect
    /// Asked of the product's worker; false where the general rules have decided.
    var isChecked: Bool
    /// What the rules say, nil while the product's result is awaited.
    var judged: LineVerdict?
    /// What a reviewer said of a line in review.
    var review: Review?

    enum Review: Sendable, Hashable {
        /// Minor units.
        case approved(amount: Int64)
        case denied
    }

    var lineID: String { line.lineID }

    /// The verdict after the review, before `allOrNothing`.
    var verdict: LineVerdict? {
        guard var verdict = judged else { return nil }
        switch review {
        case .approved(let amount):
            verdict.verdict = .eligible
            verdict.code = .reviewApproved
            verdict.amount = amount
        case .denied:
            verdict.verdict = .denied
            verdict.code = .reviewDenied
            verdict.amount = nil
        case nil:
            break
        }
        return verdict
    }
}
