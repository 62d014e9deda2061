import RefundMessages
import Testing

@Suite struct UsageFaultTests {
    private static let certificates = Samples.usage[.certificates] ?? ""
    private static let pca = Samples.usage[.pca] ?? ""
    private static let gateway = Samples.usage[.gateway] ?? ""

    @Test(arguments: Product.allCases)
    func everyProductNeedsOrderLineAndVersion(_ product: Product) {
        let sample = Samples.usage[product] ?? ""
        for fault in [
            Fault(sample, #""orderId":"o-1","#, "", at: "/orderId"),
            Fault(sample, #""lineId":""#, #""lineId":"/"#, at: "/lineId"),
            Fault(sample, #""version":"#, #""version":-"#, at: "/version"),
        ] {
            fault.check { (body) throws(MessageFault) in
                try Usage.decode(body, product: product)
            }
        }
    }

    @Test(arguments: [
        Fault(certificates, #""termYears":2"#, #""termYears":4"#, at: "/termYears"),
        Fault(certificates, #""termYears":2"#, #""termYears":0"#, at: "/termYears"),
        Fault(certificates, #""certificates":["#, #""certificate":["#, at: "/certificates"),
        Fault(certificates, #""c-1""#, #""""#, at: "/certificates/0/certificateId"),
        Fault(certificates, #""sequence":1"#, #""sequence":4"#, at: "/certificates/0/sequence"),
        Fault(certificates, #""sequence":1"#, #""sequence":0"#, at: "/certificates/0/sequence"),
        Fault(certificates, "revoked", "gone", at: "/certificates/0/status"),
        Fault(certificates, "true", "1", at: "/certificates/0/everIssued"),
        Fault(certificates, #""everIssued":true,"#, "", at: "/certificates/0/everIssued"),
        Fault(certificates, "application", "gift", at: "/certificates/0/obtainedBy"),
        Fault(
            certificates, "2026-11-21T", "2026-11-21 ",
            at: "/certificates/0/revocationCompletedAt"),
        Fault(certificates, "null", "0", at: "/certificates/1/revocationCompletedAt"),
        // Across fields.
        Fault(certificates, #""c-2""#, #""c-1""#, at: "/certificates/1/certificateId"),
        Fault(certificates, #""termYears":2"#, #""termYears":1"#, at: "/certificates/1/sequence"),
        Fault(certificates, #""sequence":1"#, #""sequence":2"#, at: "/certificates/1/sequence"),
        Fault(certificates, "revoked", "inactive", at: "/certificates/0/status"),
        Fault(certificates, "revoked", "under_review", at: "/certificates/0/everIssued"),
        Fault(certificates, "revoked", "review_failed", at: "/certificates/0/everIssued"),
        Fault(certificates, "revoked", "pending_application", at: "/certificates/0/everIssued"),
        Fault(certificates, "true", "false", at: "/certificates/0/everIssued"),
        Fault(certificates, "inactive", "issued", at: "/certificates/1/everIssued"),
        Fault(
            certificates, "inactive", "revocation_under_review", at: "/certificates/1/everIssued"),
        Fault(
            certificates, #""everIssued":false"#, #""everIssued":true"#,
            at: "/certificates/1/everIssued"),
        Fault(
            certificates, #""2026-11-21T00:00:00.5Z""#, "null",
            at: "/certificates/0/revocationCompletedAt"),
        Fault(
            certificates, #","revocationCompletedAt":"2026-11-21T00:00:00.5Z""#, "",
            at: "/certificates/0/revocationCompletedAt"),
    ])
    func aFaultOfCertificatesIsNamedWithItsPlace(_ fault: Fault) {
        fault.check { (body) throws(MessageFault) in
            try Usage.decode(body, product: .certificates)
        }
    }

    @Test func certificatesWithoutAFirstAreRefused() {
        let usage = certificatesUsage(
            3,
            [
                CertificateFacts(
                    certificateID: "c-2", sequence: 2, status: .inactive, everIssued: false),
                CertificateFacts(
                    certificateID: "c-3", sequence: 3, status: .inactive, everIssued: false),
            ])
        Fault(body: text(usage.encode()), .invalidMessage, at: "/certificates").check {
            (body) throws(MessageFault) in try Usage.decode(body, product: .certificates)
        }
    }

    @Test func deletedCertificatesMayShareASequenceWithOthers() throws {
        let usage = certificatesUsage(
            1,
            [
                CertificateFacts(
                    certificateID: "c-1", sequence: 1, status: .deleted, everIssued: true),
                CertificateFacts(
                    certificateID: "c-2", sequence: 1, status: .issued, everIssued: true),
                CertificateFacts(
                    certificateID: "c-3", sequence: 1, status: .deleted, everIssued: false),
            ])
        #expect(try Usage.decode(usage.encode(), product: .certificates) == usage)
        let unused = certificatesUsage(3, [])
        #expect(try Usage.decode(unused.encode(), product: .certificates) == unused)
    }

    @Test(arguments: [
        Fault(pca, #""authorities":["#, #""authorities":[null,"#, at: "/authorities/0"),
        Fault(pca, #""ca-2""#, #""ca-1""#, at: "/authorities/1/authorityId"),
        Fault(pca, "root", "leaf", at: "/authorities/0/kind"),
        Fault(pca, "cn-east", "", at: "/authorities/0/region"),
        Fault(pca, #""status":"reset""#, #""status":"Reset""#, at: "/authorities/0/status"),
        Fault(pca, #""2026-11-21T00:00:00Z""#, "null", at: "/authorities/0/resetAt"),
        Fault(pca, #","resetAt":"2026-11-21T00:00:00Z""#, "", at: "/authorities/0/resetAt"),
        Fault(pca, "00Z", "00", at: "/authorities/0/resetAt"),
    ])
    func aFaultOfAuthoritiesIsNamedWithItsPlace(_ fault: Fault) {
        fault.check { (body) throws(MessageFault) in try Usage.decode(body, product: .pca) }
    }

    @Test(arguments: [
        Fault(gateway, #""domainsAdded":0,"#, "", at: "/domainsAdded"),
        Fault(gateway, "300", "0", at: "/quotaIncluded"),
        Fault(gateway, "60", "6.0", at: "/quotaConsumed"),
        Fault(gateway, "null", "false", at: "/resetAt"),
    ])
    func aFaultOfAGatewayIsNamedWithItsPlace(_ fault: Fault) {
        fault.check { (body) throws(MessageFault) in try Usage.decode(body, product: .gateway) }
    }

    @Test(arguments: [
        (Product.notifications, "true", "null", "/everConfigured"),
        (.monitoring, "false", #""no""#, "/everConfigured"),
        (.repository, "7", "-7", "/apiCallsConsumed"),
        (.deployment, "multi_cloud", "moon", "/quotaKind"),
        (.deployment, #""tasksCreated":0"#, #""tasks":0"#, "/tasksCreated"),
    ])
    func aFaultOfAnUnusedOnlyProductIsNamedWithItsPlace(
        _ product: Product, _ found: String, _ replacement: String, _ path: String
    ) {
        Fault(Samples.usage[product] ?? "", found, replacement, at: path).check {
            (body) throws(MessageFault) in try Usage.decode(body, product: product)
        }
    }

    private func certificatesUsage(_ years: Int, _ certificates: [CertificateFacts]) -> Usage {
        Usage(
            orderID: "o-1", lineID: "1", version: 1,
            facts: .certificates(CertificatesUsage(termYears: years, certificates: certificates)))
    }
}
