import AMQP
import RefundMessages
import RefundService
import Telemetry
import WorkerRuntime

/// Turns what is outstanding into messages.
struct CaseDispatch: Sendable {
    static let sender = "orchestrator"

    func message(
        _ outstanding: OutstandingMessage, of value: RefundCase, now: Instant
    ) -> OutgoingMessage {
        switch outstanding {
        case .check(let check):
            message(
                "refund.checks", check.product.rawValue, RefundCheck.messageType, check.encode(),
                id: "\(value.caseID):\(check.product.rawValue)", of: value, now: now)
        case .settle(let leg):
            message(
                "refund.settlements", "leg", SettleLeg.messageType, leg.encode(),
                id: "\(leg.legID):\(now.milliseconds)", of: value, now: now)
        case .outcome(let outcome):
            message(
                "refund.outcomes", outcome.routingKey, RefundOutcome.messageType, outcome.encode(),
                id: value.isDryRun
                    ? value.caseID : "\(outcome.requestID):\(outcome.revision)",
                of: value, now: now, mandatory: false)
        }
    }

    private func message(
        _ exchange: String, _ routingKey: String, _ type: String, _ body: [UInt8], id: String,
        of value: RefundCase, now: Instant, mandatory: Bool = true
    ) -> OutgoingMessage {
        .persistentJSON(
            exchange: exchange, routingKey: routingKey, mandatory: mandatory, type: type,
            body: body, messageID: id, correlationID: value.request.requestID, appID: Self.sender,
            timestamp: now.wallTime, trace: trace(of: value))
    }

    /// The trace of the request goes on in everything that follows from it.
    private func trace(of value: RefundCase) -> TraceContext {
        value.traceparent.flatMap { TraceContext(traceparent: $0) }?.child() ?? .random()
    }
}
