import ProductWorker
import RefundMessages

extension CertificateRules {
    /// A managed service goes with its certificate, never alone (SSL-4): it gets that line's
    /// verdict and code, its own cash, no steps, and needs no usage document.
    ///
    /// - Parameter certificates: the assessments of the check's certificate lines, by line id.
    static func managedService(
        _ line: CheckLine, certificates: [String: LineAssessment]
    ) -> LineAssessment {
        switch line.parent.flatMap({ certificates[$0] }) {
        case nil: return .decided(line.denied(.managedServiceAlone, by: [.ssl4]))
        case .usageUnknown: return .usageUnknown
        case .decided(let certificate):
            return .decided(
                LineVerdict(
                    lineID: line.lineID, verdict: certificate.verdict, code: certificate.code,
                    rules: (certificate.rules + [.ssl4]).sorted(),
                    amount: certificate.amount == nil ? nil : line.refundable))
        }
    }
}
