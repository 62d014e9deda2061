import Foundation
import ProductWorker
import RefundMessages

/// The worker of `notifications` as it would be if each of its checks took ten milliseconds: the same
/// runtime, tables and rule, and a sleep before it. For benchmarks only.
@main
enum SlowWorker {
    static func main() async { await ProductWorker.run(SlowRules.self) }
}

/// NTF-1, slowly.
enum SlowRules: ProductRules {
    static let product = Product.notifications
    private static let seconds = 0.01

    static func assess(_ check: RefundCheck, facts: [String: UsageFacts]) -> [LineAssessment] {
        Thread.sleep(forTimeInterval: seconds)
        return UnusedOnly.assess(check, facts: facts, rule: .ntf1) { facts in
            guard case .notifications(let everConfigured) = facts else { return nil }
            return everConfigured
        }
    }
}
