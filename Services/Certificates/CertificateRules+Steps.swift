import RefundMessages

extension CertificateRules {
    /// What remains to be released, in order (SSL-7, SSL-8); empty when everything is.
    ///
    /// No certificate is merged, revoked too late or an activated sibling: these are judged before.
    static func stepsToRelease(_ certificates: [CertificateFacts], of check: RefundCheck) -> [Step]
    {
        let first = certificates.first { $0.sequence == 1 && $0.status != .deleted }
        let inactive = certificates.filter(\.isInactiveSibling)
            .sorted { $0.sequence < $1.sequence }
            .map { Step(.cancelInactiveCertificate, target: $0.certificateID) }
        guard let first else { return inactive }
        let own = steps(for: first, of: check)
        // Cancelling a first certificate that was never issued deletes the others with it.
        return first.everIssued ? inactive + own : own
    }

    /// One certificate's own steps, by its state (SSL-7).
    private static func steps(for certificate: CertificateFacts, of check: RefundCheck) -> [Step] {
        let actions: [StepAction] =
            switch certificate.status {
            case .pendingApplication: [.cancelApplication]
            case .underReview: [.withdrawApplication, .cancelApplication]
            case .reviewFailed:
                [.reviseApplication, .submitForReview, .withdrawApplication, .cancelApplication]
            case .issued: [.revokeCertificate, .awaitRevocation, .deleteCertificate]
            case .revocationUnderReview: [.awaitRevocation, .deleteCertificate]
            case .revoked: [.deleteCertificate]
            case .inactive: [.cancelInactiveCertificate]
            case .deleted: []
            }
        return actions.map { action in
            let isMeasured = action == .revokeCertificate || action == .awaitRevocation
            return Step(
                action, target: certificate.certificateID,
                expectedBy: action == .revokeCertificate ? check.revocationExpectedBy : nil,
                deadline: isMeasured ? check.deadline : nil)
        }
    }
}
