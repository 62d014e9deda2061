import RefundMessages
import RefundService
import WorkerRuntime

/// `refund.outcomes.<product>`: a final outcome closes what was refunded for good and frees the rest;
/// another one frees what it says is denied. It may come again, and before its check.
struct OutcomeHandler: BatchHandler {
    let context: WorkerContext

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let decoded = batch.map { incoming in
            Decoded(incoming, expecting: RefundOutcome.messageType) { body throws(MessageFault) in
                try RefundOutcome.decode(body)
            }
        }
        try await take(decoded.compactMap(\.value))
        return Handled(dispositions: decoded.map(\.disposition))
    }

    private func take(_ outcomes: [RefundOutcome]) async throws {
        guard !outcomes.isEmpty else { return }
        let product = context.product
        let now = context.clock()
        try await context.withDesks(of: outcomes.map(\.orderID)) { session, facts in
            var refunded: [LineKey] = []
            for outcome in outcomes {
                let lines = session.update(outcome.orderID) {
                    $0.take(outcome, product: product)
                }
                refunded += lines.map { LineKey(orderID: outcome.orderID, lineID: $0) }
            }
            if product == .pca { try facts.markRefunded(refunded) }
            try FinishedCases(connection: session.connection)
                .insert(outcomes.filter(\.endsItsCase).map(\.requestID), now: now)
        }
    }
}

extension RefundOutcome {
    /// Advice has a request id that means nothing.
    fileprivate var endsItsCase: Bool { status.isFinal && status != .advice }
}
