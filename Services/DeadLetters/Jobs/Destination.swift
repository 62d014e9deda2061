import RefundMessages

/// Where a replayed message goes: to a queue, through the default exchange, so that nobody else gets
/// it a second time; or, where no queue had taken it, to its exchange again.
struct Destination: Sendable, Equatable {
    /// Nil for an exchange.
    var queue: String?
    var exchange: String
    var routingKey: String

    init(queue: String?, exchange: String, routingKey: String) {
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
    }

    /// - Parameter queue: instead of the one it came from.
    init(of record: Record, queue: String?) {
        if let queue = queue ?? record.queue {
            self.queue = queue
            exchange = ""
            routingKey = queue
        } else {
            exchange = record.exchange
            routingKey = record.routingKey
        }
    }
}

/// What is accepted at a destination: the type of its messages, and the reading of their bodies by
/// the very code that the services have.
struct Acceptance {
    var type: String
    var read: ([UInt8]) throws(MessageFault) -> Void

    /// Nil where nothing is known of what is accepted there.
    init?(queue: String, at now: Instant) {
        let parts = queue.split(separator: ".", maxSplits: 2).map(String.init)
        guard parts.first == "refund", parts.count >= 2 else { return nil }
        let product = parts.count == 3 ? Product(rawValue: parts[2]) : nil
        switch (parts[1], parts.count, product) {
        case ("requests", 2, _):
            self.init(RefundRequest.messageType) { body throws(MessageFault) in
                try Self.check(try RefundRequest.decode(body), at: now)
            }
        case ("reviews", 2, _):
            self.init(ReviewDecision.messageType) { body throws(MessageFault) in
                _ = try ReviewDecision.decode(body)
            }
        case ("results", 2, _):
            self.init(RefundResult.messageType) { body throws(MessageFault) in
                _ = try RefundResult.decode(body)
            }
        case ("settlements", 2, _):
            self.init(SettleLeg.messageType) { body throws(MessageFault) in
                _ = try SettleLeg.decode(body)
            }
        case ("payments", 2, _):
            self.init(PaymentNotice.messageType) { body throws(MessageFault) in
                _ = try PaymentNotice.decode(body)
            }
        case ("facts", 3, nil) where parts[2] == "orders":
            self.init(OrderPaid.messageType) { body throws(MessageFault) in
                _ = try OrderPaid.decode(body)
            }
        case ("facts", 3, let product?):
            self.init(Usage.messageType(for: product)) { body throws(MessageFault) in
                _ = try Usage.decode(body, product: product)
            }
        case ("checks", 3, .some):
            self.init(RefundCheck.messageType) { body throws(MessageFault) in
                _ = try RefundCheck.decode(body)
            }
        case ("outcomes", 3, .some):
            self.init(RefundOutcome.messageType) { body throws(MessageFault) in
                _ = try RefundOutcome.decode(body)
            }
        default: return nil
        }
    }

    private init(_ type: String, _ read: @escaping ([UInt8]) throws(MessageFault) -> Void) {
        self.type = type
        self.read = read
    }

    /// The queue that a public exchange gives such a message to; nil where there is none.
    static func queue(exchange: String, routingKey: String) -> String? {
        switch (exchange, routingKey) {
        case ("refund.requests", "request"): return "refund.requests"
        case ("refund.reviews", "decision"): return "refund.reviews"
        case ("refund.facts", "order"): return "refund.facts.orders"
        case ("refund.facts", _):
            let product = routingKey.hasPrefix("usage.") ? routingKey.dropFirst(6) : ""
            return Product(rawValue: String(product)).map { "refund.facts.\($0.rawValue)" }
        default: return nil
        }
    }
}
