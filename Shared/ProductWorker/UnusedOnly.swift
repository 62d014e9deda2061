package import RefundMessages

/// The rule of the products that are refunded only while unused: a line that was ever used is
/// denied `in_use`, any other is eligible, both by the product's one rule.
package enum UnusedOnly {
    /// - Parameter wasUsed: nil for facts that are another product's.
    package static func assess(
        _ check: RefundCheck, facts: [String: UsageFacts], rule: Rule,
        wasUsed: (UsageFacts) -> Bool?
    ) -> [LineAssessment] {
        check.assessEach(facts: facts) { line, facts in
            wasUsed(facts).map { $0 ? line.denied(.inUse, by: [rule]) : line.eligible(by: [rule]) }
        }
    }
}
