import AMQP
import Foundation
import RefundMessages
import TestSupport

extension OutgoingMessage {
    /// A message as its publisher should write it.
    static func json(
        _ exchange: String, _ routingKey: String, type: String?, _ body: [UInt8],
        id: String = UUID().uuidString
    ) -> OutgoingMessage {
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = 2
        properties.messageID = id
        properties.type = type
        properties.appID = "integration-tests"
        properties.timestamp = UInt64(Date().timeIntervalSince1970)
        return OutgoingMessage(
            exchange: exchange, routingKey: routingKey, properties: properties, body: body)
    }

    static func order(_ order: OrderPaid) -> OutgoingMessage {
        .json("refund.facts", "order", type: OrderPaid.messageType, order.encode())
    }

    static func usage(_ usage: Usage) -> OutgoingMessage {
        .json(
            "refund.facts", "usage.\(usage.facts.product.rawValue)",
            type: Usage.messageType(for: usage.facts.product), usage.encode())
    }

    static func request(_ request: RefundRequest) -> OutgoingMessage {
        .json("refund.requests", "request", type: RefundRequest.messageType, request.encode())
    }

    static func decision(_ decision: ReviewDecision) -> OutgoingMessage {
        .json("refund.reviews", "decision", type: ReviewDecision.messageType, decision.encode())
    }
}

extension RefundSystem {
    /// Publishes all.
    /// - Throws: where the broker did not confirm one of them.
    func publish(_ messages: [OutgoingMessage]) async throws {
        for (message, outcome) in zip(messages, try await client.publisher.publish(messages))
        where outcome != .confirmed {
            throw SupportFailure(
                "\(message.exchange)/\(message.routingKey) was not taken: \(outcome)")
        }
    }

    /// Waits for a request's latest outcome to be like that; a final one unless said otherwise.
    @discardableResult
    func outcome(
        of requestID: String, within seconds: Double = 240,
        where matches: (RefundOutcome) -> Bool = { $0.status.isFinal }
    ) async throws -> RefundOutcome {
        var latest: RefundOutcome?
        let came = await eventually(within: seconds) {
            latest = messages.latest(of: requestID)
            return latest.map(matches) ?? false
        }
        guard came, let latest else {
            let seen = latest.map { "it is \($0.status) at revision \($0.revision)" }
            throw SupportFailure(
                "the outcome of \(requestID) did not come in \(seconds) s; \(seen ?? "none came")")
        }
        return latest
    }
}
