import RefundMessages
import RefundService
import WorkerRuntime

/// `refund.facts.<product>`: usage documents. The latest version of each line is kept; a line that is
/// held or waited for is judged by it at once.
struct FactsHandler: BatchHandler {
    let context: WorkerContext

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let product = context.product
        let decoded = batch.map { incoming in
            Decoded(incoming, expecting: Usage.messageType(for: product)) {
                body throws(MessageFault) in
                try Usage.decode(body, product: product)
            }
        }
        let now = context.clock()
        let results = try await store(decoded.compactMap(\.value), now: now)
        var handled = Handled(dispositions: decoded.map(\.disposition))
        if !results.isEmpty {
            handled.messages = results.map { $0.message(now: now) }
            handled.afterConfirm = { [context] _ in try await context.confirm(results) }
        }
        return handled
    }

    private func store(_ documents: [Usage], now: Instant) async throws -> [LateResult] {
        guard !documents.isEmpty else { return [] }
        let rules = context.rules
        return try await context.withDesks(of: documents.map(\.orderID)) { session, facts in
            let renewed = try facts.store(
                documents.map { document in
                    guard session[document.orderID].refunded.contains(document.lineID),
                        let afterRefund = document.facts.afterRefund
                    else { return document }
                    var document = document
                    document.facts = afterRefund
                    return document
                })
            let concerned = renewed.filter { session[$0.orderID].concerns($0.lineID) }
            let known = try facts.load(
                concerned.flatMap { session[$0.orderID].lines(besides: $0) })
            return concerned.flatMap { line in
                session.update(line.orderID) { desk in
                    desk.usageChanged(
                        of: line.lineID, by: rules, facts: known[line.orderID] ?? [:], now: now)
                }
            }
        }
    }
}

extension OrderDesk {
    /// All lines of the checks that hold the line, or paid it.
    fileprivate func lines(besides line: LineKey) -> [LineKey] {
        checks.filter { $0.concerns(line.lineID) }.flatMap(\.check.lineKeys)
    }
}
