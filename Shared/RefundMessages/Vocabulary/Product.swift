/// A product of the certificate-management service whose order lines can be refunded.
///
/// The raw value is the name on the wire: in `order.paid.v1`, in routing keys and queue names.
public enum Product: String, Sendable, Hashable, CaseIterable, Comparable {
    case certificates, pca, gateway, notifications, monitoring, repository, deployment

    /// Alphabetical by name, the order in which products stand in an outcome's routing key.
    public static func < (left: Product, right: Product) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// What an order line of `certificates` sells; every other product has only `certificate`'s place.
public enum LineItem: String, Sendable, Hashable, CaseIterable {
    case certificate
    case managedService = "managed_service"
}
