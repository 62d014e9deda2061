import RefundMessages

/// One valid message of every type, as it stands on the wire.
enum Samples {
    static let request = """
        {"requestId":"r-1","orderId":"o-1","accountId":"a-1","requestedAt":"2026-11-23T07:00:00Z",\
        "lines":["1","2"],"allOrNothing":false,"dryRun":false,"reason":"bought twice"}
        """

    static let order = """
        {"orderId":"o-1","version":1,"accountId":"a-1","paidAt":"2026-11-19T19:00:00Z",\
        "currency":"USD","promotion":null,\
        "payments":[{"paymentId":"p-1","provider":"sandbox","reference":"card_ok_1",\
        "method":"card","cash":160}],\
        "lines":[{"lineId":"1","product":"gateway","fee":160,"cash":160},\
        {"lineId":"2","product":"certificates","fee":0,"cash":0},\
        {"lineId":"3","product":"certificates","item":"managed_service","parent":"2","fee":0,\
        "cash":0}]}
        """

    static let decision = """
        {"requestId":"r-1","lineId":"1","decision":"approve","amount":128,"operator":"kim",\
        "note":"metering checked"}
        """

    static let check = """
        {"caseId":"~x-1","requestId":"r-1","orderId":"o-1","product":"certificates","dryRun":true,\
        "requestedAt":"2026-11-23T07:00:00Z","deadline":"2026-11-27T16:00:00Z",\
        "revocationExpectedBy":"2026-11-30T16:00:00Z",\
        "lines":[{"lineId":"2","item":"certificate","managedService":"3","fee":5,"refundable":4},\
        {"lineId":"3","item":"managed_service","parent":"2","fee":0,"refundable":0}]}
        """

    static let result = """
        {"caseId":"r-1","requestId":"r-1","orderId":"o-1","product":"certificates","revision":2,\
        "lines":[{"lineId":"2","verdict":"action_required","code":"release_required",\
        "rules":["SSL-6","SSL-7"],"amount":null,"steps":[{"action":"revoke_certificate",\
        "target":"c-1","irreversible":true,"expectedBy":"2026-11-30T16:00:00Z",\
        "deadline":"2026-11-27T16:00:00Z","mayMissDeadline":true},\
        {"action":"reset_gateway","target":null,"irreversible":false}]},\
        {"lineId":"3","verdict":"eligible","code":"eligible","rules":[],"amount":0,"steps":[]}]}
        """

    static let settle = #"{"caseId":"r-1","legId":"r-1/p-1"}"#

    static let notice = #"{"provider":"stripe","eventId":"evt_1/2","legId":"r-1/p-1"}"#

    static let usage: [Product: String] = [
        .certificates: """
        {"orderId":"o-1","lineId":"2","version":3,"termYears":2,"certificates":[\
        {"certificateId":"c-1","sequence":1,"status":"revoked","everIssued":true,\
        "obtainedBy":"application","revocationCompletedAt":"2026-11-21T00:00:00.5Z"},\
        {"certificateId":"c-2","sequence":2,"status":"inactive","everIssued":false,\
        "obtainedBy":"merge","revocationCompletedAt":null}]}
        """,
        .pca: """
        {"orderId":"o-1","lineId":"2","version":3,"authorities":[\
        {"authorityId":"ca-1","kind":"root","region":"cn-east","status":"reset",\
        "resetAt":"2026-11-21T00:00:00Z"},\
        {"authorityId":"ca-2","kind":"intermediate","region":"cn-east","status":"unused",\
        "resetAt":null}]}
        """,
        .gateway: """
        {"orderId":"o-1","lineId":"1","version":1,"domainsAdded":0,"quotaIncluded":300,\
        "quotaConsumed":60,"resetAt":null}
        """,
        .notifications: #"{"orderId":"o-1","lineId":"1","version":1,"everConfigured":true}"#,
        .monitoring: #"{"orderId":"o-1","lineId":"1","version":1,"everConfigured":false}"#,
        .repository: #"{"orderId":"o-1","lineId":"1","version":1,"apiCallsConsumed":7}"#,
        .deployment: """
        {"orderId":"o-1","lineId":"1","version":1,"quotaKind":"multi_cloud","tasksCreated":0}
        """,
    ]

    static let outcome = RefundOutcome(
        requestID: "r-1", orderID: "o-1", accountID: "a-1", revision: 2, status: .refunded,
        orderStatus: "refund_succeeded",
        lines: [
            RefundOutcome.Line(
                product: .gateway,
                verdict: LineVerdict(
                    lineID: "1", verdict: .eligible, code: .reviewApproved, rules: [.gw4],
                    amount: 128)),
            RefundOutcome.Line(
                product: .pca,
                verdict: LineVerdict(
                    lineID: "2", verdict: .actionRequired, code: .releaseRequired, rules: [.pca3],
                    steps: [
                        Step(.resetCA, target: "ca-1", deadline: deadline),
                        Step(.awaitRevocation, expectedBy: deadline, deadline: deadline),
                    ]), resourceStatus: "refunded"),
        ],
        refund: RefundOutcome.Refund(
            amount: 128, currency: "USD",
            legs: [
                RefundOutcome.Leg(
                    paymentID: "p-1", amount: 128, route: .original, status: .succeeded,
                    reference: "re_1")
            ]),
        deadline: deadline, decidedAt: Instant(seconds: 1_795_000_000, nanoseconds: 120_000_000),
        settledAt: nil, policyVersion: "2026-01")

    static let deadline = Instant(seconds: 1_795_795_200)
}
