import AMQP
import Foundation
import RefundMessages

/// An order with its facts, a request for a refund of it, and what must come of that.
struct Scenario: Sendable {
    /// What must come of the request in the end.
    struct Ending: Sendable, Hashable {
        var status: RefundOutcome.Status
        /// Minor units; nil where nothing is paid.
        var amount: Int64?
        var legs: [Leg] = []
    }

    /// One payment's part of the refund.
    struct Leg: Sendable, Hashable {
        var paymentID: String
        var amount: Int64
        var route: RefundOutcome.Leg.Route
    }

    var order: OrderPaid
    var usage: [Usage] = []
    var request: RefundRequest
    /// Whether a reviewer approves what comes into review.
    var isApproved = false
    var ending: Ending

    var id: String { request.requestID }

    /// The order and the usage documents.
    var facts: [OutgoingMessage] { [.order(order)] + usage.map(OutgoingMessage.usage) }

    /// The approval of everything in review, the same message each time.
    var approval: OutgoingMessage {
        var message = OutgoingMessage.decision(
            ReviewDecision(requestID: id, decision: .approve, operator: "kim"))
        message.properties.messageID = "approve-\(id)"
        return message
    }

    /// The orders of all scenarios, then their usage documents.
    static func facts(of scenarios: [Scenario]) -> [OutgoingMessage] {
        scenarios.map { .order($0.order) }
            + scenarios.flatMap(\.usage).map(OutgoingMessage.usage)
    }

    /// What an outcome says, as the ending it is.
    static func ending(of outcome: RefundOutcome) -> Ending {
        Ending(
            status: outcome.status, amount: outcome.refund?.amount,
            legs: outcome.refund?.legs.map {
                Leg(paymentID: $0.paymentID, amount: $0.amount, route: $0.route)
            } ?? [])
    }
}

extension Instant {
    static func now() -> Instant { Instant(seconds: Int64(Date().timeIntervalSince1970)) }

    static func daysAgo(_ days: Int64) -> Instant { now().advanced(bySeconds: -days * 86_400) }
}
