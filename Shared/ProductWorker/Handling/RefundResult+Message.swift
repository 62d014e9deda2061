import AMQP
import RefundMessages
import RefundService
import Telemetry
import WorkerRuntime

extension RefundResult {
    static let exchange = "refund.results"

    /// The message that carries it, under the routing key that its sender may use. A repetition has
    /// the same message id.
    func message(trace: TraceContext, now: Instant) -> OutgoingMessage {
        .persistentJSON(
            exchange: Self.exchange, routingKey: product.rawValue, type: Self.messageType,
            body: encode(), messageID: "\(caseID):\(product.rawValue):\(revision)",
            correlationID: requestID, appID: product.rawValue,
            timestamp: now.wallTime, trace: trace)
    }
}

extension LateResult {
    /// The message that carries it, on the trace of the request.
    func message(now: Instant) -> OutgoingMessage {
        let trace = traceparent.flatMap { TraceContext(traceparent: $0) }
        return result.message(trace: trace?.child() ?? .random(), now: now)
    }
}
