import RefundMessages

/// A service of the system; the raw value is its executable's and its broker user's name.
enum ServiceName: String, CaseIterable, Sendable {
    case certificates, pca, gateway, notifications, monitoring, repository, deployment
    case orchestrator

    /// The worker of a product.
    static func worker(of product: Product) -> ServiceName {
        ServiceName(rawValue: product.rawValue) ?? .orchestrator
    }
}
