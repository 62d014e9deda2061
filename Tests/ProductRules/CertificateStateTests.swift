import ProductWorker
import RefundMessages
import Testing

@testable import Certificates

@Suite("SSL-2, SSL-5, SSL-6, SSL-7, SSL-8: the certificate table")
struct CertificateStateTests {
    @Test("SSL-5, SSL-6, SSL-7: a one-year certificate", arguments: CertificateTable.oneYear)
    func oneYear(row: CertificateTable.Row) { expect(row) }

    @Test("SSL-8: a two-year certificate", arguments: CertificateTable.twoYears)
    func twoYears(row: CertificateTable.Row) { expect(row) }

    @Test("SSL-8: a three-year certificate", arguments: CertificateTable.threeYears)
    func threeYears(row: CertificateTable.Row) { expect(row) }

    private func expect(_ row: CertificateTable.Row) {
        let usage = CertificatesUsage(termYears: row.years, certificates: row.certificates)
        let verdict = CertificateRules.verdict(on: .certificates(usage), refundable: 700)
        #expect(verdict?.code.rawValue == row.code)
        #expect(verdict?.ruleIDs == row.rules)
        #expect(verdict?.stepTexts == row.steps)
        let byCode: [String: (Verdict, Int64?)] = [
            "eligible": (.eligible, 700), "release_required": (.actionRequired, nil),
            "sibling_activated": (.review, 700), "revocation_too_late": (.denied, nil),
        ]
        #expect(verdict?.verdict == byCode[row.code]?.0)
        #expect(verdict?.amount == byCode[row.code]?.1)
    }

    @Test("SSL-8: the order in which the siblings are listed does not matter")
    func siblingsInAnyOrder() {
        let usage = CertificatesUsage(
            termYears: 3,
            certificates: [
                CertificateTable.certificate("inactive", sequence: 3),
                CertificateTable.certificate("issued", sequence: 1),
                CertificateTable.certificate("inactive", sequence: 2),
            ])
        let verdict = CertificateRules.verdict(on: .certificates(usage))
        #expect(
            verdict?.stepTexts == [
                "cancel_inactive_certificate c2", "cancel_inactive_certificate c3",
                "revoke_certificate c1", "await_revocation c1", "delete_certificate c1",
            ])
    }

    @Test(
        "SSL-8: any state of the second but inactive or deleted is activated",
        arguments: [
            "pending_application", "under_review", "review_failed", "issued",
            "revocation_under_review", "revoked<",
        ])
    func activatedSibling(state: String) {
        let usage = CertificatesUsage(
            termYears: 2,
            certificates: [
                CertificateTable.certificate("issued", sequence: 1),
                CertificateTable.certificate(state, sequence: 2),
            ])
        let verdict = CertificateRules.verdict(on: .certificates(usage), refundable: 42)
        #expect(verdict?.verdict == .review)
        #expect(verdict?.code == .siblingActivated)
        #expect(verdict?.ruleIDs == ["SSL-8"])
        #expect(verdict?.amount == 42)
        #expect(verdict?.steps == [])
    }
}
