import RefundMessages
import Testing

/// What the services send each other is read as strictly as what anyone may publish.
@Suite struct InternalMessageFaultTests {
    @Test(arguments: [
        Fault(Samples.check, "~x-1", "~", at: "/caseId"),
        Fault(Samples.check, "~x-1", "~~x", at: "/caseId"),
        Fault(Samples.check, #""requestId":"r-1","#, "", at: "/requestId"),
        Fault(Samples.check, #""o-1""#, "1", at: "/orderId"),
        Fault(Samples.check, #""certificates""#, #""certificate""#, at: "/product"),
        Fault(Samples.check, #""dryRun":true,"#, "", at: "/dryRun"),
        Fault(Samples.check, "2026-11-23T", "2026-11-23", at: "/requestedAt"),
        Fault(Samples.check, "2026-11-27T", "2026-11-27", at: "/deadline"),
        Fault(Samples.check, "2026-11-30T", "2026-11-30", at: "/revocationExpectedBy"),
        Fault(Samples.check, #""lineId":"3""#, #""lineId":"2""#, at: "/lines/1/lineId"),
        Fault(Samples.check, #""item":"certificate","#, "", at: "/lines/0/item"),
        Fault(
            Samples.check, #""managedService":"3""#, #""managedService":3"#,
            at: "/lines/0/managedService"),
        Fault(Samples.check, #""parent":"2""#, #""parent":"""#, at: "/lines/1/parent"),
        Fault(Samples.check, #""fee":5"#, #""fee":5.5"#, at: "/lines/0/fee"),
        Fault(Samples.check, #""refundable":4"#, #""refundable":null"#, at: "/lines/0/refundable"),
    ])
    func aFaultOfACheckIsNamedWithItsPlace(_ fault: Fault) { fault.check(RefundCheck.decode) }

    @Test(arguments: [
        Fault(Samples.result, #""caseId":"r-1","#, "", at: "/caseId"),
        Fault(Samples.result, #""revision":2"#, #""revision":0"#, at: "/revision"),
        Fault(Samples.result, #""lines":["#, #""lines":[[],"#, at: "/lines/0"),
        Fault(Samples.result, "action_required", "maybe", at: "/lines/0/verdict"),
        Fault(Samples.result, "release_required", "because", at: "/lines/0/code"),
        Fault(Samples.result, "SSL-7", "SSL-9", at: "/lines/0/rules/1"),
        Fault(Samples.result, #""amount":0"#, #""amount":-1"#, at: "/lines/1/amount"),
        Fault(Samples.result, #""steps":[]"#, #""steps":null"#, at: "/lines/1/steps"),
        Fault(Samples.result, "revoke_certificate", "burn", at: "/lines/0/steps/0/action"),
        Fault(Samples.result, #""c-1""#, "1", at: "/lines/0/steps/0/target"),
        Fault(Samples.result, "11-30T", "11-31T", at: "/lines/0/steps/0/expectedBy"),
        Fault(Samples.result, "11-27T", "11-31T", at: "/lines/0/steps/0/deadline"),
        Fault(Samples.result, #""lineId":"3""#, #""lineId":"2""#, at: "/lines/1/lineId"),
    ])
    func aFaultOfAResultIsNamedWithItsPlace(_ fault: Fault) { fault.check(RefundResult.decode) }

    @Test(arguments: ["", "r-1", "r-1/", "/p-1", "r-1/p-1/x", "~r/p"])
    func aLegIsNamedByRequestAndPayment(_ legID: String) {
        Fault(Samples.settle, "r-1/p-1", legID, at: "/legId").check(SettleLeg.decode)
        Fault(Samples.notice, "r-1/p-1", legID, at: "/legId").check(PaymentNotice.decode)
    }

    @Test func aNoticeNamesItsProviderAndEvent() {
        Fault(Samples.notice, "stripe", "Stripe", at: "/provider").check(PaymentNotice.decode)
        Fault(Samples.notice, "evt_1/2", "", at: "/eventId").check(PaymentNotice.decode)
    }

    @Test(arguments: [
        (#""requestId":"r-1""#, #""requestId":7"#, "/requestId"),
        (#""revision":2"#, #""revision":0"#, "/revision"),
        (#""status":"refunded""#, #""status":"paid""#, "/status"),
        (#""code":null"#, #""code":"lost""#, "/code"),
        (#""product":"pca""#, #""product":"ca""#, "/lines/1/product"),
        (#""currency":"USD""#, #""currency":"US""#, "/refund/currency"),
        (#""route":"original""#, #""route":"cheque""#, "/refund/legs/0/route"),
        (#""status":"succeeded""#, #""status":"paid""#, "/refund/legs/0/status"),
        (#""policyVersion":"2026-01""#, #""policyVersion":null"#, "/policyVersion"),
    ])
    func aFaultOfAnOutcomeIsNamedWithItsPlace(
        _ found: String, _ replacement: String, _ path: String
    ) {
        Fault(text(Samples.outcome.encode()), found, replacement, at: path)
            .check(RefundOutcome.decode)
    }

    @Test func anOutcomeStaysWithinItsLimitByNamingFewerSteps() throws {
        var outcome = Samples.outcome
        let steps = (1...2_000).map {
            Step(.resetCA, target: "ca-\($0)", deadline: Samples.deadline)
        }
        outcome.lines[1].verdict.steps = steps
        let body = outcome.encode()
        #expect(body.count <= 256 * 1_024)
        let told = try RefundOutcome.decode(body).lines[1].verdict.steps
        #expect(told.count > 250 && told == Array(steps.prefix(told.count)))

        let result = RefundResult(
            caseID: "r-1", requestID: "r-1", orderID: "o-1", product: .pca, revision: 1,
            lines: [outcome.lines[1].verdict, Samples.outcome.lines[0].verdict])
        #expect(result.encode().count <= 256 * 1_024)
        #expect(try RefundResult.decode(result.encode()).lines[0].steps.count > 250)
    }
}
