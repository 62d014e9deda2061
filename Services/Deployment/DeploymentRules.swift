import ProductWorker
import RefundMessages

/// DEP-2: refunded while no deployment task of any kind was ever created on the order's quota. Which
/// kind of quota it is does not matter here: DEP-1 is held when the document is decoded.
enum DeploymentRules: ProductRules {
    static let product = Product.deployment

    static func assess(_ check: RefundCheck, facts: [String: UsageFacts]) -> [LineAssessment] {
        UnusedOnly.assess(check, facts: facts, rule: .dep2) { facts in
            guard case .deployment(_, let tasksCreated) = facts else { return nil }
            return tasksCreated > 0
        }
    }
}
