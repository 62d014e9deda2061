import ProductWorker
import RefundMessages
import Testing

@testable import Certificates

@Suite("SSL-4: a managed service is refunded with its certificate, never alone")
struct ManagedServiceTests {
    /// A certificate line `cert` of 900 with its managed service `ms`.
    private let certificate = CheckLine(
        lineID: "cert", managedService: "ms", fee: 900, refundable: 900)

    private func managedService(refundable: Int64 = 100) -> CheckLine {
        CheckLine(
            lineID: "ms", item: .managedService, parent: "cert", fee: 100, refundable: refundable)
    }

    private func assess(_ lines: [CheckLine], _ states: [String]?) -> [LineAssessment] {
        let facts = states.map { states in
            UsageFacts.certificates(
                CertificatesUsage(
                    termYears: 3,
                    certificates: states.enumerated().map {
                        CertificateTable.certificate($1, sequence: $0 + 1)
                    }))
        }
        return CertificateRules.assess(
            Sample.check(.certificates, lines), facts: facts.map { ["cert": $0] } ?? [:])
    }

    @Test("SSL-4: alone it is denied, without a usage document and before merge and state")
    func alone() {
        let denied = LineVerdict(
            lineID: "ms", verdict: .denied, code: .managedServiceAlone, rules: [.ssl4])
        #expect(assess([managedService()], nil) == [.decided(denied)])
        #expect(assess([managedService()], ["revoked>"]) == [.decided(denied)])
    }

    @Test("SSL-4: the certificate alone is denied while the order has a managed service for it")
    func missing() {
        let denied = LineVerdict(
            lineID: "cert", verdict: .denied, code: .managedServiceMissing, rules: [.ssl4])
        #expect(assess([certificate], nil) == [.decided(denied)])
        #expect(assess([certificate], []) == [.decided(denied)])
        #expect(assess([certificate], ["revoked>"]) == [.decided(denied)])
    }

    @Test("SSL-4: another certificate's presence does not make up for the missing one")
    func otherCertificate() {
        let other = CheckLine(lineID: "other", fee: 5, refundable: 5)
        #expect(
            assess([other, managedService()], nil) == [
                .usageUnknown,
                .decided(
                    LineVerdict(
                        lineID: "ms", verdict: .denied, code: .managedServiceAlone, rules: [.ssl4])),
            ])
    }

    @Test(
        "SSL-4: asked for together it gets its certificate's verdict, code and rules, its own cash",
        arguments: [
            ([String](), Verdict.eligible, LineCode.eligible, ["SSL-4", "SSL-5"], Int64(100)),
            (["deleted<"], .eligible, .eligible, ["SSL-2", "SSL-4", "SSL-5"], 100),
            (["revoked>"], .denied, .revocationTooLate, ["SSL-2", "SSL-4"], nil),
            (
                ["issued", "inactive"], .actionRequired, .releaseRequired,
                ["SSL-4", "SSL-6", "SSL-8"], nil
            ),
            (["issued", "issued"], .review, .siblingActivated, ["SSL-4", "SSL-8"], 100),
        ] as [([String], Verdict, LineCode, [String], Int64?)])
    func together(
        states: [String], verdict: Verdict, code: LineCode, rules: [String], amount: Int64?
    ) {
        for lines in [[certificate, managedService()], [managedService(), certificate]] {
            let assessments = assess(lines, states)
            guard let place = lines.firstIndex(where: { $0.lineID == "ms" }),
                case .decided(let follower) = assessments[place],
                case .decided(let leader) = assessments[1 - place]
            else {
                Issue.record("both lines are decided")
                continue
            }
            #expect(follower.lineID == "ms")
            #expect(follower.verdict == verdict && leader.verdict == verdict)
            #expect(follower.code == code && leader.code == code)
            #expect(follower.ruleIDs == rules)
            #expect(leader.ruleIDs == rules.filter { $0 != "SSL-4" })
            #expect(follower.amount == amount)
            #expect(leader.amount == amount.map { _ in 900 })
            #expect(follower.steps == [])
        }
    }

    @Test("SSL-4: one included for nothing is refunded with 0")
    func free() {
        let assessments = assess([certificate, managedService(refundable: 0)], [])
        #expect(
            assessments == [
                .decided(
                    LineVerdict(
                        lineID: "cert", verdict: .eligible, code: .eligible, rules: [.ssl5],
                        amount: 900)),
                .decided(
                    LineVerdict(
                        lineID: "ms", verdict: .eligible, code: .eligible, rules: [.ssl4, .ssl5],
                        amount: 0)),
            ])
    }

    @Test("While the certificate's usage is unknown, its managed service is unknown too")
    func unknown() {
        #expect(assess([managedService(), certificate], nil) == [.usageUnknown, .usageUnknown])
    }
}
