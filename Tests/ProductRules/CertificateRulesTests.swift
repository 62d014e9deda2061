import ProductWorker
import RefundMessages
import Testing

@testable import Certificates

@Suite("SSL-2, SSL-3, SSL-6, SSL-7: what holds for every certificate of a line")
struct CertificateRulesTests {
    private func verdict(
        years: Int, _ certificates: [CertificateFacts], deadline: Instant = Sample.deadline
    ) -> LineVerdict? {
        CertificateRules.verdict(
            on: .certificates(CertificatesUsage(termYears: years, certificates: certificates)),
            deadline: deadline)
    }

    @Test(
        "SSL-2: the deadline is exclusive to the nanosecond",
        arguments: [
            ("2026-11-26T15:59:59Z", Int32(0), "eligible"),
            ("2026-11-26T15:59:59Z", 999_999_999, "eligible"),
            ("2026-11-26T16:00:00Z", 0, "revocation_too_late"),
            ("2026-11-26T16:00:00Z", 1, "revocation_too_late"),
            ("2026-11-26T16:00:01Z", 0, "revocation_too_late"),
            ("2026-11-27T00:00:01+08:00", 0, "revocation_too_late"),
            ("2026-11-26T05:59:59-10:00", 0, "eligible"),
            ("2026-11-26T06:00:00-10:00", 0, "revocation_too_late"),
        ])
    func revocationAround(time: String, nanoseconds: Int32, code: String) {
        let completedAt = Instant(seconds: at(time).seconds, nanoseconds: nanoseconds)
        let certificate = CertificateFacts(
            certificateID: "c1", sequence: 1, status: .deleted, everIssued: true,
            revocationCompletedAt: completedAt)
        #expect(verdict(years: 1, [certificate])?.code.rawValue == code)
    }

    @Test("SSL-2: a promotion's deadline counts, not seven days")
    func movedDeadline() {
        let revoked = CertificateTable.certificate("deleted<", sequence: 1)
        let earlier = Sample.deadline.advanced(bySeconds: -1)
        #expect(verdict(years: 1, [revoked], deadline: earlier)?.code == .revocationTooLate)
    }

    @Test("SSL-2: filing the revocation is not enough, and not yet too late")
    func filedOnly() {
        let filed = CertificateTable.certificate("revocation_under_review", sequence: 1)
        #expect(verdict(years: 1, [filed])?.code == .releaseRequired)
    }

    @Test(
        "SSL-2: an earlier deleted certificate of the same sequence is judged too",
        arguments: [
            ("deleted", "pending_application", "release_required", ["cancel_application new"]),
            ("deleted<", "pending_application", "release_required", ["cancel_application new"]),
            ("deleted!", "pending_application", "revocation_too_late", []),
            ("deleted>", "deleted", "revocation_too_late", []),
            ("deleted<", "deleted", "eligible", []),
            (
                "deleted", "issued", "release_required",
                ["revoke_certificate new", "await_revocation new", "delete_certificate new"]
            ),
        ])
    func replaced(old: String, new: String, code: String, steps: [String]) {
        let old = CertificateTable.certificate(old, sequence: 1, id: "old")
        let new = CertificateTable.certificate(new, sequence: 1, id: "new")
        for certificates in [[old, new], [new, old]] {
            let verdict = verdict(years: 1, certificates)
            #expect(verdict?.code.rawValue == code)
            #expect(verdict?.stepTexts == steps)
        }
    }

    @Test(
        "SSL-3: a merged certificate is never refunded, whatever its state and place",
        arguments: [
            "pending_application", "under_review", "review_failed", "issued",
            "revocation_under_review", "revoked<", "revoked>", "deleted", "deleted<", "deleted!",
        ], [1, 2, 3])
    func merged(state: String, sequence: Int) {
        var merged = CertificateTable.certificate(state, sequence: sequence, id: "merged")
        merged.obtainedBy = .merge
        let first = CertificateTable.certificate("deleted", sequence: 1)
        let verdict = verdict(years: 3, [first, merged])
        #expect(verdict?.verdict == .denied)
        #expect(verdict?.code == .mergedCertificate)
        #expect(verdict?.ruleIDs == ["SSL-3"])
        #expect(verdict?.steps == [])
    }

    @Test("SSL-3: an inactive merged successor denies, and so before SSL-2 and SSL-8")
    func mergedFirst() {
        var merged = CertificateTable.certificate("inactive", sequence: 3)
        merged.obtainedBy = .merge
        let late = CertificateTable.certificate("revoked>", sequence: 1)
        let active = CertificateTable.certificate("issued", sequence: 2)
        #expect(verdict(years: 3, [late, active, merged])?.code == .mergedCertificate)
    }

    @Test(
        "SSL-7: the steps of a revocation say until when, and only revoking is irreversible",
        arguments: [
            ("2026-11-26T15:59:59Z", false), ("2026-11-26T16:00:00Z", false),
            ("2026-11-26T16:00:01Z", true),
        ])
    func revocationDates(expectedBy: String, mayMiss: Bool) throws {
        let line = CheckLine(lineID: "1", fee: 1, refundable: 1)
        let check = Sample.check(.certificates, [line], expectedBy: at(expectedBy))
        let usage = CertificatesUsage(
            termYears: 2,
            certificates: [
                CertificateTable.certificate("issued", sequence: 1),
                CertificateTable.certificate("inactive", sequence: 2),
            ])
        let assessment = CertificateRules.assess(check, facts: ["1": .certificates(usage)]).first
        guard case .decided(let verdict) = assessment else {
            Issue.record("usage is known")
            return
        }
        try #require(verdict.steps.count == 4)
        #expect(
            verdict.steps == [
                Step(.cancelInactiveCertificate, target: "c2"),
                Step(
                    .revokeCertificate, target: "c1", expectedBy: at(expectedBy),
                    deadline: Sample.deadline),
                Step(.awaitRevocation, target: "c1", deadline: Sample.deadline),
                Step(.deleteCertificate, target: "c1"),
            ])
        #expect(verdict.steps.map(\.mayMissDeadline) == [nil, mayMiss, nil, nil])
        #expect(verdict.steps.map(\.action.isIrreversible) == [false, true, false, false])
    }

    @Test("A line without a document, or with another product's, is unknown and never unused")
    func unknown() {
        #expect(CertificateRules.verdict(on: nil) == nil)
        #expect(CertificateRules.verdict(on: .notifications(everConfigured: false)) == nil)
    }
}
