import ProductWorker
import RefundMessages

/// The HTTPS acceleration gateway: unused is refunded in full, added domains are reset first, and
/// what metered usage leaves goes to an account manager (GW-2 to GW-4).
enum GatewayRules: ProductRules {
    static let product = Product.gateway

    static func assess(_ check: RefundCheck, facts: [String: UsageFacts]) -> [LineAssessment] {
        check.assessEach(facts: facts) { line, facts in
            guard case .gateway(let usage) = facts else { return nil }
            return verdict(on: line, usage)
        }
    }

    private static func verdict(on line: CheckLine, _ usage: GatewayUsage) -> LineVerdict {
        // A reset does not give consumed quota back, so consumption comes first (GW-4).
        if usage.quotaConsumed > 0 {
            let amount = balance(of: line, usage)
            return amount == 0
                ? line.denied(.quotaExhausted, by: [.gw4])
                : line.review(.meteredUsage, amount: amount, by: [.gw4])
        }
        if usage.domainsAdded > 0 {
            return line.releaseRequired([Step(.resetGateway)], by: [.gw3])
        }
        return line.eligible(by: usage.resetAt == nil ? [.gw2] : [.gw3])
    }

    /// Refundable cash less the fee of the consumed quota, which is rounded up; never below 0
    /// (GW-4). Minor units. Exact: the product of two 53-bit numbers is formed in 128 bits.
    private static func balance(of line: CheckLine, _ usage: GatewayUsage) -> Int64 {
        let product = UInt128(line.fee) * UInt128(usage.quotaConsumed)
        let included = UInt128(usage.quotaIncluded)
        let consumedFee = (product + included - 1) / included
        let refundable = UInt128(line.refundable)
        return consumedFee < refundable ? Int64(refundable - consumedFee) : 0
    }
}
