import ProductWorker
import RefundMessages

/// Private CA: refunded while no authority is enabled; an enabled one is reset before the deadline
/// (PCA-2, PCA-3).
enum PCARules: ProductRules {
    static let product = Product.pca

    static func assess(_ check: RefundCheck, facts: [String: UsageFacts]) -> [LineAssessment] {
        check.assessEach(facts: facts) { line, facts in
            guard case .pca(let usage) = facts else { return nil }
            return verdict(on: line, usage.authorities, deadline: check.deadline)
        }
    }

    private static func verdict(
        on line: CheckLine, _ authorities: [AuthorityFacts], deadline: Instant
    ) -> LineVerdict {
        if authorities.contains(where: { $0.wasResetTooLate(deadline) }) {
            return line.denied(.resetTooLate, by: [.pca3])
        }
        let enabled = authorities.filter { $0.status == .enabled }
        if !enabled.isEmpty {
            // Intermediates first: resetting a root takes what it has signed with it.
            let inOrder =
                enabled.filter { $0.kind == .intermediate } + enabled.filter { $0.kind == .root }
            return line.releaseRequired(
                inOrder.map { Step(.resetCA, target: $0.authorityID) }, by: [.pca3])
        }
        return line.eligible(by: authorities.contains { $0.resetAt != nil } ? [.pca3] : [.pca2])
    }
}

extension AuthorityFacts {
    /// At the deadline is too late already. One that is refunded, or enabled again, is not judged
    /// by its last reset.
    fileprivate func wasResetTooLate(_ deadline: Instant) -> Bool {
        guard status == .reset else { return false }
        return resetAt.map { $0 >= deadline } ?? true
    }
}
