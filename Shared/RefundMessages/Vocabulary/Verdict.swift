/// What was found about one order line.
public enum Verdict: String, Sendable, Hashable, CaseIterable {
    case eligible, denied, review
    case actionRequired = "action_required"
}

/// The reason beside a line's verdict, as outcomes name it. Each has one sentence in `Wording`.
public enum LineCode: String, Sendable, Hashable, CaseIterable {
    // Eligible.
    case eligible
    case reviewApproved = "review_approved"
    // Denied by the general rules, and beside them.
    case windowClosed = "window_closed"
    case promotionNotRefundable = "promotion_not_refundable"
    case noCashPaid = "no_cash_paid"
    case alreadyRefunded = "already_refunded"
    case refundInProgress = "refund_in_progress"
    case allOrNothing = "all_or_nothing"
    case reviewDenied = "review_denied"
    case settlementClosed = "settlement_closed"
    // Denied by product rules.
    case revocationTooLate = "revocation_too_late"
    case mergedCertificate = "merged_certificate"
    case managedServiceAlone = "managed_service_alone"
    case managedServiceMissing = "managed_service_missing"
    case quotaExhausted = "quota_exhausted"
    case resetTooLate = "reset_too_late"
    case inUse = "in_use"
    // Action required.
    case releaseRequired = "release_required"
    // Review.
    case promotionUnknown = "promotion_unknown"
    case siblingActivated = "sibling_activated"
    case meteredUsage = "metered_usage"
    case usageUnknown = "usage_unknown"
}

/// The code of a whole outcome.
public enum OutcomeCode: String, Sendable, Hashable, CaseIterable {
    case orderNotFound = "order_not_found"
}

/// A rule of the refund rules, by id. `allCases` is the order of the rule book, which is the order
/// in which ids are listed on a line.
public enum Rule: String, Sendable, Hashable, CaseIterable, Comparable {
    case gen1 = "GEN-1"
    case gen2 = "GEN-2"
    case gen3 = "GEN-3"
    case gen4 = "GEN-4"
    case gen5 = "GEN-5"
    case ssl1 = "SSL-1"
    case ssl2 = "SSL-2"
    case ssl3 = "SSL-3"
    case ssl4 = "SSL-4"
    case ssl5 = "SSL-5"
    case ssl6 = "SSL-6"
    case ssl7 = "SSL-7"
    case ssl8 = "SSL-8"
    case gw1 = "GW-1"
    case gw2 = "GW-2"
    case gw3 = "GW-3"
    case gw4 = "GW-4"
    case pca1 = "PCA-1"
    case pca2 = "PCA-2"
    case pca3 = "PCA-3"
    case pca4 = "PCA-4"
    case ntf1 = "NTF-1"
    case mon1 = "MON-1"
    case repo1 = "REPO-1"
    case dep1 = "DEP-1"
    case dep2 = "DEP-2"

    private static let position = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

    /// Rule-book order.
    public static func < (left: Rule, right: Rule) -> Bool {
        position[left, default: 0] < position[right, default: 0]
    }
}

/// Something the customer does before asking again.
public enum StepAction: String, Sendable, Hashable, CaseIterable {
    case cancelApplication = "cancel_application"
    case withdrawApplication = "withdraw_application"
    case reviseApplication = "revise_application"
    case submitForReview = "submit_for_review"
    case revokeCertificate = "revoke_certificate"
    case awaitRevocation = "await_revocation"
    case deleteCertificate = "delete_certificate"
    case cancelInactiveCertificate = "cancel_inactive_certificate"
    case resetGateway = "reset_gateway"
    case resetCA = "reset_ca"

    /// Whether the step destroys something for good (SSL-7, PCA-3).
    public var isIrreversible: Bool { self == .revokeCertificate || self == .resetCA }
}

/// One step that remains, in the order in which the steps are to be done.
public struct Step: Sendable, Hashable {
    /// What is to be done.
    public var action: StepAction
    /// The certificate's or authority's id; nil where the step is about the line as a whole.
    public var target: String?
    /// When a revocation review may take until (SSL-7): the end of the 5th business day.
    public var expectedBy: Instant?
    /// The order's deadline, exclusive (GEN-1), on the steps that are measured by it.
    public var deadline: Instant?

    /// True when `expectedBy` is later than `deadline`: a warning, never a rule. Nil without both.
    public var mayMissDeadline: Bool? {
        guard let expectedBy, let deadline else { return nil }
        return expectedBy > deadline
    }

    /// From its parts, which are not checked.
    public init(
        _ action: StepAction, target: String? = nil, expectedBy: Instant? = nil,
        deadline: Instant? = nil
    ) {
        self.action = action
        self.target = target
        self.expectedBy = expectedBy
        self.deadline = deadline
    }
}

/// The verdict on one order line with everything an outcome says of it.
public struct LineVerdict: Sendable, Hashable {
    /// The order line this is about.
    public var lineID: String
    /// What was found.
    public var verdict: Verdict
    /// The reason beside it.
    public var code: LineCode
    /// The rules that decided, in rule-book order, without repetition.
    public var rules: [Rule]
    /// Minor units: what is paid for an eligible line, what would be paid for one in review, else nil.
    public var amount: Int64?
    /// What is to be done before asking again, in this order.
    public var steps: [Step]

    /// From its parts, which are not checked.
    public init(
        lineID: String, verdict: Verdict, code: LineCode, rules: [Rule] = [],
        amount: Int64? = nil, steps: [Step] = []
    ) {
        self.lineID = lineID
        self.verdict = verdict
        self.code = code
        self.rules = rules
        self.amount = amount
        self.steps = steps
    }
}
