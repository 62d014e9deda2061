import RefundMessages

/// Puts a scenario together line by line; the request asks for all of it.
struct ScenarioBuilder {
    private let id: String
    private var lines: [OrderLine] = []
    private var usage: [Usage] = []
    private var payments: [OrderPayment] = []
    var paidAt = Instant.daysAgo(2)
    var currency = "USD"
    var promotion: String?
    var allOrNothing = false
    var isApproved = false

    /// - Parameter id: of the request; order and account get it too.
    init(_ id: String) { self.id = id }

    mutating func line(
        _ product: Product, cash: Int64, item: LineItem = .certificate, parent: String? = nil,
        fee: Int64? = nil, _ facts: UsageFacts?
    ) {
        let lineID = "\(lines.count + 1)"
        lines.append(
            OrderLine(
                lineID: lineID, product: product, item: item, parent: parent, fee: fee ?? cash,
                cash: cash))
        guard let facts else { return }
        usage.append(Usage(orderID: "o-\(id)", lineID: lineID, version: 1, facts: facts))
    }

    /// The reference gets the scenario's id and the payment's, so that it is nobody else's.
    mutating func payment(_ card: String, _ cash: Int64) {
        let paymentID = "p-\(payments.count + 1)"
        payments.append(
            OrderPayment(
                paymentID: paymentID, provider: .sandbox, reference: "\(card)_\(id)_\(paymentID)",
                method: "card", cash: cash))
    }

    /// - Parameter routes: of the legs, where something is paid; each payment's whole cash unless
    ///   `amounts` says otherwise.
    func ending(
        _ status: RefundOutcome.Status, _ routes: RefundOutcome.Leg.Route...,
        amounts: [Int64]? = nil
    ) -> Scenario {
        let amounts = amounts ?? payments.map(\.cash)
        let legs = zip(payments, zip(amounts, routes)).map {
            Scenario.Leg(paymentID: $0.paymentID, amount: $1.0, route: $1.1)
        }
        return Scenario(
            order: OrderPaid(
                orderID: "o-\(id)", version: 1, accountID: "a-\(id)", paidAt: paidAt,
                currency: currency, promotion: promotion, payments: payments, lines: lines),
            usage: usage,
            request: RefundRequest(
                requestID: id, orderID: "o-\(id)", accountID: "a-\(id)", requestedAt: .now(),
                allOrNothing: allOrNothing),
            isApproved: isApproved,
            ending: Scenario.Ending(
                status: status, amount: legs.isEmpty ? nil : legs.map(\.amount).reduce(0, +),
                legs: legs))
    }
}

extension UsageFacts {
    /// Facts of a line that nothing was made of: a full refund.
    static func unused(_ product: Product) -> UsageFacts {
        switch product {
        case .certificates: .certificates(CertificatesUsage(termYears: 1, certificates: []))
        case .pca: pca(.unused)
        case .gateway: gateway(domains: 0, consumed: 0)
        case .notifications: .notifications(everConfigured: false)
        case .monitoring: .monitoring(everConfigured: false)
        case .repository: .repository(apiCallsConsumed: 0)
        case .deployment: .deployment(quotaKind: .multiCloud, tasksCreated: 0)
        }
    }

    /// Facts of a line that is in use: steps for the first three products, else a denial.
    static func used(_ product: Product) -> UsageFacts {
        switch product {
        case .certificates:
            .certificates(
                CertificatesUsage(
                    termYears: 1,
                    certificates: [
                        CertificateFacts(
                            certificateID: "c-1", sequence: 1, status: .issued, everIssued: true)
                    ]))
        case .pca: pca(.enabled)
        case .gateway: gateway(domains: 2, consumed: 0)
        case .notifications: .notifications(everConfigured: true)
        case .monitoring: .monitoring(everConfigured: true)
        case .repository: .repository(apiCallsConsumed: 1)
        case .deployment: .deployment(quotaKind: .cloudServer, tasksCreated: 3)
        }
    }

    static func gateway(domains: Int64, consumed: Int64) -> UsageFacts {
        .gateway(
            GatewayUsage(domainsAdded: domains, quotaIncluded: 300, quotaConsumed: consumed))
    }

    private static func pca(_ status: AuthorityFacts.Status) -> UsageFacts {
        .pca(
            PCAUsage(authorities: [
                AuthorityFacts(
                    authorityID: "ca-1", kind: .root, region: "cn-east", status: status)
            ]))
    }
}
