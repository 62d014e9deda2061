import ProductWorker
import RefundMessages

/// SSL certificates (SSL-2 to SSL-8). What is seen from the order comes first (SSL-4), then merge
/// (SSL-3), then the certificates' states. A denial outweighs a review, a review outweighs steps.
enum CertificateRules: ProductRules {
    static let product = Product.certificates

    static func assess(_ check: RefundCheck, facts: [String: UsageFacts]) -> [LineAssessment] {
        var certificates: [String: LineAssessment] = [:]
        for line in check.lines where line.item == .certificate {
            certificates[line.lineID] = certificate(line, of: check, facts: facts)
        }
        return check.lines.map { line in
            switch line.item {
            case .certificate: certificates[line.lineID] ?? .usageUnknown
            case .managedService: managedService(line, certificates: certificates)
            }
        }
    }

    private static func certificate(
        _ line: CheckLine, of check: RefundCheck, facts: [String: UsageFacts]
    ) -> LineAssessment {
        if let managedService = line.managedService,
            !check.lines.contains(where: { $0.lineID == managedService })
        {
            return .decided(line.denied(.managedServiceMissing, by: [.ssl4]))
        }
        guard case .certificates(let usage) = facts[line.lineID] else { return .usageUnknown }
        return .decided(verdict(on: line, usage, of: check))
    }

    private static func verdict(
        on line: CheckLine, _ usage: CertificatesUsage, of check: RefundCheck
    ) -> LineVerdict {
        let certificates = usage.certificates
        if certificates.contains(where: { $0.obtainedBy == .merge }) {
            return line.denied(.mergedCertificate, by: [.ssl3])
        }
        if certificates.contains(where: { $0.wasRevokedTooLate(check.deadline) }) {
            return line.denied(.revocationTooLate, by: [.ssl2])
        }
        if certificates.contains(where: \.isActivatedSibling) {
            return line.review(.siblingActivated, amount: line.refundable, by: [.ssl8])
        }
        let steps = stepsToRelease(certificates, of: check)
        if !steps.isEmpty {
            return line.releaseRequired(steps, by: [.ssl6, usage.termYears == 1 ? .ssl7 : .ssl8])
        }
        // All are released; one that was issued has passed SSL-2 on the way.
        return line.eligible(
            by: certificates.contains(where: \.everIssued) ? [.ssl2, .ssl5] : [.ssl5])
    }
}
