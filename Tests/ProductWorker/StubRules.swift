import ProductWorker
import RefundMessages

/// Simple rules of a product with one line per check or several: unused is eligible, used is denied,
/// and more than one use goes to review with half the money.
enum StubRules: ProductRules {
    static let product = Product.repository

    static func assess(_ check: RefundCheck, facts: [String: UsageFacts]) -> [LineAssessment] {
        check.assessEach(facts: facts) { line, facts in
            guard case .repository(let calls) = facts else { return nil }
            return switch calls {
            case 0: line.eligible(by: [.repo1])
            case 1: line.denied(.inUse, by: [.repo1])
            default: line.review(.meteredUsage, amount: line.refundable / calls, by: [.repo1])
            }
        }
    }
}

/// Certificates whose managed service follows them: no certificate is eligible, any is denied.
enum StubPairRules: ProductRules {
    static let product = Product.certificates

    static func assess(_ check: RefundCheck, facts: [String: UsageFacts]) -> [LineAssessment] {
        check.lines.map { line in
            let key = line.parent ?? line.lineID
            guard case .certificates(let usage) = facts[key] else { return .usageUnknown }
            return .decided(
                usage.certificates.isEmpty
                    ? line.eligible(by: [.ssl5]) : line.denied(.mergedCertificate, by: [.ssl3]))
        }
    }
}

/// Private CA, whose authorities are eligible while unused.
enum StubAuthorityRules: ProductRules {
    static let product = Product.pca

    static func assess(_ check: RefundCheck, facts: [String: UsageFacts]) -> [LineAssessment] {
        check.assessEach(facts: facts) { line, facts in
            guard case .pca = facts else { return nil }
            return line.eligible(by: [.pca2])
        }
    }
}

let noon = Instant(seconds: 1_800_000_000)

extension RefundCheck {
    /// A check of `lines` of order `o-1`, each with 100 refundable.
    static func of(
        _ lines: String..., id: String = "r-1", order: String = "o-1",
        product: Product = .repository, dryRun: Bool = false
    ) -> RefundCheck {
        RefundCheck(
            caseID: dryRun ? "~\(id)" : id, requestID: id, orderID: order, product: product,
            dryRun: dryRun, requestedAt: noon, deadline: noon.advanced(bySeconds: 86_400),
            revocationExpectedBy: noon.advanced(bySeconds: 432_000),
            lines: lines.map { CheckLine(lineID: $0, fee: 100, refundable: 100) })
    }

    /// A certificate `c` with its managed service `m`.
    static func pair(id: String = "r-1") -> RefundCheck {
        var check = of("c", "m", id: id, product: .certificates)
        check.lines[0].managedService = "m"
        check.lines[1].item = .managedService
        check.lines[1].parent = "c"
        check.lines[1].refundable = 30
        return check
    }
}

extension RefundOutcome {
    /// An outcome of order `o-1`; `verdicts` by line id, all of one product.
    static func of(
        _ status: Status, _ verdicts: [(String, Verdict)], id: String = "r-1",
        order: String = "o-1", product: Product = .repository, revision: Int64 = 1
    ) -> RefundOutcome {
        RefundOutcome(
            requestID: id, orderID: order, accountID: "a-1", revision: revision, status: status,
            lines: verdicts.map { lineID, verdict in
                Line(
                    product: product,
                    verdict: LineVerdict(
                        lineID: lineID, verdict: verdict,
                        code: verdict == .eligible ? .eligible : .inUse,
                        amount: verdict == .eligible ? 100 : nil))
            },
            policyVersion: "1")
    }
}

func calls(_ used: [String: Int64]) -> [String: UsageFacts] {
    used.mapValues { .repository(apiCallsConsumed: $0) }
}
