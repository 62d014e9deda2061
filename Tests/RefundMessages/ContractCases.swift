import RefundMessages

/// Outcomes that between them have every status, verdict, code, rule, step, route and leg status.
enum Outcomes {
    static let all: [RefundOutcome] =
        [Samples.outcome, unknownOrder] + RefundOutcome.Status.allCases.map(withStatus) + [
            everything
        ]

    private static let unknownOrder = RefundOutcome(
        requestID: "r-1", orderID: "o-1", accountID: "a-1", revision: 1, status: .denied,
        code: .orderNotFound, policyVersion: "1")

    private static func withStatus(_ status: RefundOutcome.Status) -> RefundOutcome {
        var outcome = Samples.outcome
        outcome.status = status
        outcome.orderStatus = nil
        outcome.refund = nil
        return outcome
    }

    private static let everything: RefundOutcome = {
        var outcome = Samples.outcome
        outcome.lines = LineCode.allCases.enumerated().map { index, code in
            RefundOutcome.Line(
                product: Product.allCases[index % Product.allCases.count],
                verdict: LineVerdict(
                    lineID: "\(index)", verdict: Verdict.allCases[index % Verdict.allCases.count],
                    code: code, rules: Rule.allCases, amount: index % 2 == 0 ? nil : 0,
                    steps: StepAction.allCases.map {
                        Step($0, target: index % 2 == 0 ? "c" : nil, deadline: Samples.deadline)
                    }))
        }
        outcome.refund?.legs = RefundOutcome.Leg.Route.allCases.flatMap { route in
            RefundOutcome.Leg.Status.allCases.map {
                RefundOutcome.Leg(
                    paymentID: "\(route.rawValue).\($0.rawValue)", amount: 1, route: route,
                    status: $0)
            }
        }
        return outcome
    }()
}

/// Faults that the schema and the decoder both find, in the same place.
enum SchemaFaults {
    static let all: [(Kind, Fault)] = [
        (.request, Fault(Samples.request, #""r-1""#, #""r 1""#, at: "/requestId")),
        (.request, Fault(Samples.request, #""accountId":"a-1","#, "", at: "/accountId")),
        (.request, Fault(Samples.request, "T07", " 07", at: "/requestedAt")),
        (.request, Fault(Samples.request, #"["1","2"]"#, "[]", at: "/lines")),
        (.request, Fault(Samples.request, #"["1","2"]"#, #"["1",2]"#, at: "/lines/1")),
        (.request, Fault(Samples.request, "bought twice", #"a\u0000"#, at: "/reason")),
        (.order, Fault(Samples.order, "USD", "XAU", at: "/currency")),
        (.order, Fault(Samples.order, #""version":1"#, #""version":0"#, at: "/version")),
        (.order, Fault(Samples.order, "sandbox", "paypal", at: "/payments/0/provider")),
        (.order, Fault(Samples.order, "card_ok_1", "", at: "/payments/0/reference")),
        (.order, Fault(Samples.order, #""parent":"2","#, "", at: "/lines/2/parent")),
        (
            .order,
            Fault(Samples.order, #""gateway""#, #""gateway","parent":"2""#, at: "/lines/0/parent")
        ),
        (.decision, Fault(Samples.decision, "128", "0", at: "/amount")),
        (.decision, Fault(Samples.decision, "128", "128.5", at: "/amount")),
        (.decision, Fault(Samples.decision, "kim", "", at: "/operator")),
        (.check, Fault(Samples.check, "~x-1", "~", at: "/caseId")),
        (.result, Fault(Samples.result, "SSL-7", "SSL-9", at: "/lines/0/rules/1")),
        (.result, Fault(Samples.result, "revoke_", "burn_", at: "/lines/0/steps/0/action")),
        (.settle, Fault(Samples.settle, "r-1/p-1", "r-1", at: "/legId")),
        (.notice, Fault(Samples.notice, "stripe", "visa", at: "/provider")),
        (
            .usage(.certificates),
            usage(.certificates, "true", "false", "/certificates/0/everIssued")
        ),
        (
            .usage(.certificates),
            Fault(
                body: """
                    {"orderId":"o-1","lineId":"2","version":3,"termYears":2,"certificates":[\
                    {"certificateId":"c-2","sequence":2,"status":"inactive","everIssued":false,\
                    "obtainedBy":"application"}]}
                    """, .invalidMessage, at: "/certificates")
        ),
        (
            .usage(.certificates),
            usage(.certificates, "revoked", "inactive", "/certificates/0/status")
        ),
        (
            .usage(.certificates),
            usage(
                .certificates, #""2026-11-21T00:00:00.5Z""#, "null",
                "/certificates/0/revocationCompletedAt")
        ),
        (
            .usage(.pca),
            usage(.pca, #","resetAt":"2026-11-21T00:00:00Z""#, "", "/authorities/0/resetAt")
        ),
        (.usage(.gateway), usage(.gateway, "300", "0", "/quotaIncluded")),
        (.usage(.notifications), usage(.notifications, "true", "1", "/everConfigured")),
        (.usage(.monitoring), usage(.monitoring, "false", "null", "/everConfigured")),
        (.usage(.repository), usage(.repository, "7", "-7", "/apiCallsConsumed")),
        (.usage(.deployment), usage(.deployment, "multi_cloud", "moon", "/quotaKind")),
    ]

    private static func usage(
        _ product: Product, _ found: String, _ replacement: String, _ path: String
    ) -> Fault {
        Fault(Samples.usage[product] ?? "", found, replacement, at: path)
    }
}
