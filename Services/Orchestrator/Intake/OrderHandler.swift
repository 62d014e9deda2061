import Database
import RefundMessages
import RefundService
import WorkerRuntime

/// `refund.facts.orders`: keeps the latest version of each order.
struct OrderHandler: BatchHandler {
    let book: CaseBook

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let decoded = batch.map { incoming in
            Decoded(incoming, expecting: OrderPaid.messageType, OrderPaid.decode)
        }
        return try await book.handle { session in
            try session.load(orders: decoded.compactMap(\.value?.orderID))
            var written: [String: OrderPaid] = [:]
            let dispositions = decoded.map { decoded in
                decoded.disposition { order throws(MessageFault) in
                    let stored = session.order(order.orderID)
                    let known = written[order.orderID] ?? stored?.document
                    if let known, known.version >= order.version { return }
                    if let stored, stored.conflicts(with: order) {
                        throw MessageFault(
                            .conflictsWithRefund,
                            "The version contradicts a refund of the order, under way or done.")
                    }
                    written[order.orderID] = order
                }
            }
            let counts = try session.connection.executeEach(
                """
                INSERT INTO orders (order_id, version, document) VALUES ($1, $2, $3)
                ON CONFLICT (order_id) DO UPDATE
                SET version = excluded.version, document = excluded.document
                WHERE orders.version = $4
                """,
                written.values.sorted { $0.orderID < $1.orderID }.map {
                    [
                        .text($0.orderID), .integer($0.version), .blob($0.encode()),
                        .integer(session.order($0.orderID)?.document.version ?? 0),
                    ]
                })
            // A version that was not there to be locked, and may be refunded from by now.
            try Overtaken.unlessOneEach(counts)
            return CaseBook.Changes(dispositions: dispositions)
        }
    }
}
