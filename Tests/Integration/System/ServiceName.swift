import RefundMessages

/// A service of the system; the raw value is its executable's and its broker user's name.
enum ServiceName: String, CaseIterable, Sendable {
    case certificates, pca, gateway, notifications, monitoring, repository, deployment
    case orchestrator
    /// Not among those that each test starts: it empties the dead-letter queue.
    case deadLetters = "dead-letters"

    /// What a refund needs.
    static let allCases =
        Product.allCases.map { ServiceName.worker(of: $0) } + [ServiceName.orchestrator]

    /// The worker of a product.
    static func worker(of product: Product) -> ServiceName {
        ServiceName(rawValue: product.rawValue) ?? .orchestrator
    }
}
