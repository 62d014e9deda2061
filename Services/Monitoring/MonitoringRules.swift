import ProductWorker
import RefundMessages

/// MON-1: refunded while no domain-name monitor was ever configured; deleted again is still used.
enum MonitoringRules: ProductRules {
    static let product = Product.monitoring

    static func assess(_ check: RefundCheck, facts: [String: UsageFacts]) -> [LineAssessment] {
        UnusedOnly.assess(check, facts: facts, rule: .mon1) { facts in
            guard case .monitoring(let everConfigured) = facts else { return nil }
            return everConfigured
        }
    }
}
