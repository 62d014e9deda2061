import ProductWorker
import RefundMessages

/// NTF-1: refunded while no message notification was ever configured; deleted again is still used.
enum NotificationsRules: ProductRules {
    static let product = Product.notifications

    static func assess(_ check: RefundCheck, facts: [String: UsageFacts]) -> [LineAssessment] {
        UnusedOnly.assess(check, facts: facts, rule: .ntf1) { facts in
            guard case .notifications(let everConfigured) = facts else { return nil }
            return everConfigured
        }
    }
}
