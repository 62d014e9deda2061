import AMQP
import RefundMessages

/// Mixed eligible requests: one order each, the products in turn, every tenth order of two lines.
struct Workload {
    /// Distinguishes the ids of one run from those of another.
    let run: String
    let paidAt: Instant
    let requestedAt: Instant

    /// The order and its usage documents.
    func facts(of number: Int) -> [OutgoingMessage] {
        let lines = lines(of: number)
        let cash = lines.reduce(0) { $0 + $1.cash }
        let order = OrderPaid(
            orderID: orderID(number), version: 1, accountID: "a-\(run)-\(number)", paidAt: paidAt,
            currency: "USD",
            payments: [
                OrderPayment(
                    paymentID: "p-1", provider: .sandbox, reference: "card_ok_\(number)",
                    method: "card", cash: cash)
            ], lines: lines)
        let usages = lines.map { line in
            let usage = Usage(
                orderID: order.orderID, lineID: line.lineID, version: 1,
                facts: Self.unused(line.product))
            return Self.message(
                "refund.facts", "usage.\(line.product.rawValue)",
                Usage.messageType(for: line.product), usage.encode(),
                id: "\(order.orderID):\(line.lineID)")
        }
        return [
            Self.message(
                "refund.facts", "order", OrderPaid.messageType, order.encode(), id: order.orderID)
        ] + usages
    }

    func request(_ number: Int) -> OutgoingMessage {
        let request = RefundRequest(
            requestID: requestID(number), orderID: orderID(number),
            accountID: "a-\(run)-\(number)", requestedAt: requestedAt)
        return Self.message(
            "refund.requests", "request", RefundRequest.messageType, request.encode(),
            id: request.requestID)
    }

    func requestID(_ number: Int) -> String { "r-\(run)-\(number)" }

    private func orderID(_ number: Int) -> String { "o-\(run)-\(number)" }

    private func lines(of number: Int) -> [OrderLine] {
        let products = Product.allCases
        let first = products[number % products.count]
        var lines = [OrderLine(lineID: "1", product: first, fee: 1_000, cash: 1_000)]
        if number % 10 == 0 {
            let second = products[(number + 1) % products.count]
            lines.append(OrderLine(lineID: "2", product: second, fee: 500, cash: 500))
        }
        return lines
    }

    private static func unused(_ product: Product) -> UsageFacts {
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

    private static func message(
        _ exchange: String, _ routingKey: String, _ type: String, _ body: [UInt8], id: String
    ) -> OutgoingMessage {
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = 2
        properties.type = type
        properties.messageID = id
        return OutgoingMessage(
            exchange: exchange, routingKey: routingKey, properties: properties, body: body)
    }
}
