/// `usage.<product>.v1`: the whole state of what was made of one order line, at one version.
public struct Usage: Sendable, Hashable {
    /// The order this is about.
    public var orderID: String
    /// The order line this is about.
    public var lineID: String
    /// From 1; a document whose version is not higher than the stored one is ignored.
    public var version: Int64
    /// The product's own part.
    public var facts: UsageFacts

    /// From its parts, which are not checked.
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

    /// The product whose document this is.
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
    /// Every certificate ever made from the subscription, deleted ones too.
    public var certificates: [CertificateFacts]

    /// From its parts, which are not checked.
    public init(termYears: Int, certificates: [CertificateFacts]) {
        self.termYears = termYears
        self.certificates = certificates
    }
}

/// One certificate of a subscription.
public struct CertificateFacts: Sendable, Hashable {
    /// A state, by its name on the wire.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        case issued, revoked, inactive, deleted
        case pendingApplication = "pending_application"
        case underReview = "under_review"
        case reviewFailed = "review_failed"
        case revocationUnderReview = "revocation_under_review"
    }

    /// How a certificate was obtained; a merged one is never refundable (SSL-3).
    public enum Origin: String, Sendable, Hashable, CaseIterable { case application, merge }

    /// The certificate, unique within the document.
    public var certificateID: String
    /// 1 is the first certificate, 2 and 3 its successors.
    public var sequence: Int
    /// Its state.
    public var status: Status
    /// Whether it was ever issued, whatever it is now.
    public var everIssued: Bool
    /// How it was obtained.
    public var obtainedBy: Origin
    /// When the revocation's review was completed (SSL-2).
    public var revocationCompletedAt: Instant?

    /// From its parts, which are not checked.
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
    /// Every authority of the line.
    public var authorities: [AuthorityFacts]

    /// From its parts, which are not checked.
    public init(authorities: [AuthorityFacts]) { self.authorities = authorities }
}

/// One certificate authority.
public struct AuthorityFacts: Sendable, Hashable {
    /// Root or intermediate.
    public enum Kind: String, Sendable, Hashable, CaseIterable { case root, intermediate }
    /// A state, by its name on the wire.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        case unused, enabled, reset, refunded
    }

    /// The authority, unique within the document.
    public var authorityID: String
    /// Root or intermediate.
    public var kind: Kind
    /// Where it is: 1–256 characters.
    public var region: String
    /// Its state.
    public var status: Status
    /// When it was reset (PCA-3).
    public var resetAt: Instant?

    /// From its parts, which are not checked.
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

    /// From its parts, which are not checked.
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
