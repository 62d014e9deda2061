import AMQP
import RefundMessages

/// The mix that is measured, again every 140 orders: each product in turn; one order in ten has lines
/// of two products; one in five is denied or needs steps first; of one in ten the card is closed, and
/// the money is credited. On average 5 publishes and 6.1 deliveries a refund.
struct Workload: Sendable {
    /// After so many orders the mix begins again.
    static let period = 140

    /// Distinguishes the ids of these orders and requests from those of others.
    let mark: String
    let paidAt: Instant
    let requestedAt: Instant

    /// The orders of one period with their usage documents.
    var facts: [OutgoingMessage] { (0..<Self.period).flatMap(facts) }

    func requestID(_ number: Int) -> String { "r-\(mark)-\(number)" }

    /// The request for an order of whatever period.
    func request(_ requestID: String, of orderMark: String, _ place: Int) -> RefundRequest {
        RefundRequest(
            requestID: requestID, orderID: "o-\(orderMark)-\(place)",
            accountID: "a-\(orderMark)-\(place)", requestedAt: requestedAt)
    }

    private func facts(of place: Int) -> [OutgoingMessage] {
        let lines = Self.lines(of: place)
        let cash = lines.reduce(0) { $0 + $1.cash }
        let card = Self.hasClosedCard(place) ? "card_closed" : "card_ok"
        let order = OrderPaid(
            orderID: "o-\(mark)-\(place)", version: 1, accountID: "a-\(mark)-\(place)",
            paidAt: paidAt, currency: "USD",
            payments: [
                OrderPayment(
                    paymentID: "p-1", provider: .sandbox, reference: "\(card)_\(place)",
                    method: "card", cash: cash)
            ], lines: lines)
        let usages = lines.map { line in
            let usage = Usage(
                orderID: order.orderID, lineID: line.lineID, version: 1,
                facts: Self.isUsed(place) ? .used(line.product) : .unused(line.product))
            return Self.message(
                "usage.\(line.product.rawValue)", Usage.messageType(for: line.product),
                usage.encode(), id: "\(order.orderID):\(line.lineID)")
        }
        return [
            Self.message("order", OrderPaid.messageType, order.encode(), id: order.orderID)
        ] + usages
    }

    private static func lines(of place: Int) -> [OrderLine] {
        let products = Product.allCases
        let first = products[place % products.count]
        var lines = [OrderLine(lineID: "1", product: first, fee: 1_000, cash: 1_000)]
        if place % 10 == 0 {
            let second = products[(place + 1) % products.count]
            lines.append(OrderLine(lineID: "2", product: second, fee: 500, cash: 500))
        }
        return lines
    }

    private static func isUsed(_ place: Int) -> Bool { place % 5 == 3 }
    private static func hasClosedCard(_ place: Int) -> Bool { place % 10 == 5 }

    private static func message(
        _ routingKey: String, _ type: String, _ body: [UInt8], id: String
    ) -> OutgoingMessage {
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = 2
        properties.type = type
        properties.messageID = id
        return OutgoingMessage(
            exchange: "refund.facts", routingKey: routingKey, properties: properties, body: body)
    }
}

/// How the requests of a run ended.
struct Endings: Equatable, Sendable {
    var refunded = 0
    var denied = 0
    var actionRequired = 0

    /// What the mix must lead to.
    static func expected(of requests: Requests) -> Endings {
        var endings = Endings()
        for number in 0..<requests.count {
            let place = requests.places[number % requests.places.count]
            guard place % 5 == 3 else {
                endings.refunded += 1
                continue
            }
            switch Product.allCases[place % Product.allCases.count] {
            case .certificates, .pca, .gateway: endings.actionRequired += 1
            default: endings.denied += 1
            }
        }
        return endings
    }
}

extension UsageFacts {
    fileprivate static func unused(_ product: Product) -> UsageFacts {
        switch product {
        case .certificates: .certificates(CertificatesUsage(termYears: 1, certificates: []))
        case .pca: .pca(PCAUsage(authorities: []))
        case .gateway:
            .gateway(GatewayUsage(domainsAdded: 0, quotaIncluded: 300, quotaConsumed: 0))
        case .notifications: .notifications(everConfigured: false)
        case .monitoring: .monitoring(everConfigured: false)
        case .repository: .repository(apiCallsConsumed: 0)
        case .deployment: .deployment(quotaKind: .cloudServer, tasksCreated: 0)
        }
    }

    fileprivate static func used(_ product: Product) -> UsageFacts {
        switch product {
        case .certificates:
            .certificates(
                CertificatesUsage(
                    termYears: 1,
                    certificates: [
                        CertificateFacts(
                            certificateID: "c-1", sequence: 1, status: .issued, everIssued: true,
                            obtainedBy: .application)
                    ]))
        case .pca:
            .pca(
                PCAUsage(authorities: [
                    AuthorityFacts(
                        authorityID: "ca-1", kind: .root, region: "cn-hangzhou", status: .enabled)
                ]))
        case .gateway:
            .gateway(GatewayUsage(domainsAdded: 1, quotaIncluded: 300, quotaConsumed: 0))
        case .notifications: .notifications(everConfigured: true)
        case .monitoring: .monitoring(everConfigured: true)
        case .repository: .repository(apiCallsConsumed: 1)
        case .deployment: .deployment(quotaKind: .cloudServer, tasksCreated: 1)
        }
    }
}
