import ProductWorker
import RefundMessages

/// REPO-1: refunded while no certificate-repository API call was consumed.
enum RepositoryRules: ProductRules {
    static let product = Product.repository

    static func assess(_ check: RefundCheck, facts: [String: UsageFacts]) -> [LineAssessment] {
        UnusedOnly.assess(check, facts: facts, rule: .repo1) { facts in
            guard case .repository(let apiCallsConsumed) = facts else { return nil }
            return apiCallsConsumed > 0
        }
    }
}
