/// `usage.<product>.v1`: the whole state of what was made of one order line, at one version.
public struct Usage: Sendable, Hashable {
    public var orderID: String
    public var lineID: String
    /// From 1; a document whose version is not higher than the stored one is ignored.
    public var version: Int64
    public var facts: UsageFacts

    public init(orderID: String, lineID: String, version: Int64, facts: UsageFacts) {
        self.orderID = orderID
        self.lineID = lineID
        self.version = version
        self.facts = facts
    }
}

/// The product's own part of a usage document.
public enum UsageFacts: Sendable, Hashable {
    case certificates(CertificatesUsage)
    case pca(PCAUsage)
    case gateway(GatewayUsage)
    case notifications(everConfigured: Bool)
    case monitoring(everConfigured: Bool)
    case repository(apiCallsConsumed: Int64)
    case deployment(quotaKind: DeploymentQuotaKind, tasksCreated: Int64)

    public var product: Product {
        switch self {
        case .certificates: .certificates
        case .pca: .pca
        case .gateway: .gateway
        case .notifications: .notifications
        case .monitoring: .monitoring
        case .repository: .repository
        case .deployment: .deployment
        }
    }
}

/// The certificates made from one subscription.
public struct CertificatesUsage: Sendable, Hashable {
    /// 1 to 3.
    public var termYears: Int
    public var certificates: [CertificateFacts]

    public init(termYears: Int, certificates: [CertificateFacts]) {
        self.termYears = termYears
        self.certificates = certificates
    }
}

/// One certificate of a subscription.
public struct CertificateFacts: Sendable, Hashable {
    public enum Status: String, Sendable, Hashable, CaseIterable {
        case issued, revoked, inactive, deleted
        case pendingApplication = "pending_application"
        case underReview = "under_review"
        case reviewFailed = "review_failed"
        case revocationUnderReview = "revocation_under_review"
    }

    public enum Origin: String, Sendable, Hashable, CaseIterable { case application, merge }

    public var certificateID: String
    /// 1 is the first certificate, 2 and 3 its successors.
    public var sequence: Int
    public var status: Status
    public var everIssued: Bool
    public var obtainedBy: Origin
    /// When the revocation's review was completed (SSL-2).
    public var revocationCompletedAt: Instant?

    public init(
        certificateID: String, sequence: Int, status: Status, everIssued: Bool,
        obtainedBy: Origin = .application, revocationCompletedAt: Instant? = nil
    ) {
        self.certificateID = certificateID
        self.sequence = sequence
        self.status = status
        self.everIssued = everIssued
        self.obtainedBy = obtainedBy
        self.revocationCompletedAt = revocationCompletedAt
    }
}

/// The authorities of a private CA line.
public struct PCAUsage: Sendable, Hashable {
    public var authorities: [AuthorityFacts]

    public init(authorities: [AuthorityFacts]) { self.authorities = authorities }
}

/// One certificate authority.
public struct AuthorityFacts: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable { case root, intermediate }
    public enum Status: String, Sendable, Hashable, CaseIterable {
        case unused, enabled, reset, refunded
    }

    public var authorityID: String
    public var kind: Kind
    public var region: String
    public var status: Status
    public var resetAt: Instant?

    public init(
        authorityID: String, kind: Kind, region: String, status: Status, resetAt: Instant? = nil
    ) {
        self.authorityID = authorityID
        self.kind = kind
        self.region = region
        self.status = status
        self.resetAt = resetAt
    }
}

/// What a gateway instance has used.
public struct GatewayUsage: Sendable, Hashable {
    /// Since the start or the last reset.
    public var domainsAdded: Int64
    /// GRCQ in the instance, at least 1.
    public var quotaIncluded: Int64
    /// GRCQ consumed; a reset does not give it back (GW-4).
    public var quotaConsumed: Int64
    /// The last reset.
    public var resetAt: Instant?

    public init(
        domainsAdded: Int64, quotaIncluded: Int64, quotaConsumed: Int64, resetAt: Instant? = nil
    ) {
        self.domainsAdded = domainsAdded
        self.quotaIncluded = quotaIncluded
        self.quotaConsumed = quotaConsumed
        self.resetAt = resetAt
    }
}

/// The kinds of deployment quota (DEP-1).
public enum DeploymentQuotaKind: String, Sendable, Hashable, CaseIterable {
    case cloudService = "cloud_service"
    case managedCloudProduct = "managed_cloud_product"
    case cloudServer = "cloud_server"
    case multiCloud = "multi_cloud"
}
