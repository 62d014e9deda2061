import AMQP
import Foundation
import RefundMessages
import Testing

/// A message that cannot be processed, and what its dead letter must say.
struct BadMessage: Sendable, CustomTestStringConvertible {
    let name: String
    var target = Target.requests
    var type: String?
    var contentType: String? = "application/json"
    var contentEncoding: String?
    /// Made of an id that is used nowhere else.
    let body: @Sendable (String) -> [UInt8]
    let reason: DeadLetterReason
    var path: String?

    var testDescription: String { "\(name) on \(target.queue)" }

    /// Where it is published, and the queue it ends in.
    enum Target: Sendable, Hashable {
        case requests, orders, reviews, results, settlements, payments
        case usage(Product), checks(Product), outcomes(Product)

        var exchange: String {
            switch self {
            case .requests: "refund.requests"
            case .orders, .usage: "refund.facts"
            case .reviews: "refund.reviews"
            case .results: "refund.results"
            case .settlements: "refund.settlements"
            case .payments: "refund.payments"
            case .checks: "refund.checks"
            case .outcomes: "refund.outcomes"
            }
        }

        var routingKey: String {
            switch self {
            case .requests: "request"
            case .orders: "order"
            case .reviews: "decision"
            case .results: Product.gateway.rawValue
            case .settlements: "leg"
            case .payments: "sandbox"
            case .usage(let product): "usage.\(product.rawValue)"
            case .checks(let product): product.rawValue
            case .outcomes(let product): "denied.\(product.rawValue)"
            }
        }

        var queue: String {
            switch self {
            case .orders: "refund.facts.orders"
            case .usage(let product): "refund.facts.\(product.rawValue)"
            case .checks(let product), .outcomes(let product): "\(exchange).\(product.rawValue)"
            case .requests, .reviews, .results, .settlements, .payments: exchange
            }
        }

        /// Whose queue it is.
        var service: ServiceName {
            switch self {
            case .usage(let product), .checks(let product), .outcomes(let product):
                .worker(of: product)
            case .requests, .orders, .reviews, .results, .settlements, .payments: .orchestrator
            }
        }

        /// A product whose refund takes the way over that queue.
        var product: Product {
            switch self {
            case .usage(let product), .checks(let product), .outcomes(let product): product
            default: .gateway
            }
        }
    }

    /// The message, with a header of its publisher's own beside.
    func message(_ id: String) -> OutgoingMessage {
        var message = OutgoingMessage.json(
            target.exchange, target.routingKey, type: type, body(id), id: id)
        message.properties.contentType = contentType
        message.properties.contentEncoding = contentEncoding
        message.properties.correlationID = "correlation-\(id)"
        message.properties.headers = FieldTable([
            ("x-of-the-publisher", .table(FieldTable([("depth", .int32(2))])))
        ])
        return message
    }
}

extension BadMessage {
    /// A case whose body is text.
    static func text(
        _ name: String, on target: Target = .requests, _ reason: DeadLetterReason,
        _ path: String? = nil, type: String? = nil, contentType: String? = "application/json",
        contentEncoding: String? = nil, _ body: @escaping @Sendable (String) -> String
    ) -> BadMessage {
        BadMessage(
            name: name, target: target, type: type, contentType: contentType,
            contentEncoding: contentEncoding, body: { Array(body($0).utf8) }, reason: reason,
            path: path)
    }

    /// A request with some of its members written otherwise: by name, as JSON; nil leaves one out.
    static func request(_ id: String, _ changes: [String: String?] = [:], extra: String = "")
        -> String
    {
        var members = [
            "requestId": "\"\(id)\"", "orderId": "\"o-\(id)\"", "accountId": "\"a-1\"",
            "requestedAt": "\"\(Instant.now().rfc3339)\"",
        ]
        for (name, value) in changes { members[name] = value }
        let text = members.sorted { $0.key < $1.key }.map { "\"\($0)\":\($1)" }
        return "{\(text.joined(separator: ","))\(extra)}"
    }
}
