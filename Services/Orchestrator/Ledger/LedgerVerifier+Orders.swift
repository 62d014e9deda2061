import Database
import RefundMessages
import RefundService

/// Each order's payments, and the balances.
extension LedgerVerifier {
    func checkOrders(after key: String, _ connection: any SQLConnection) throws -> Found {
        let rows = try connection.query(
            "SELECT order_id, document FROM orders WHERE order_id > $1 ORDER BY order_id LIMIT $2",
            [.text(key), .integer(self.rows)])
        let ids = try rows.map { try $0.text(0) }
        let takings = try connection.queryEach(
            """
            SELECT payment_id, CAST(SUM(amount) AS BIGINT) FROM takings WHERE order_id = $1
            GROUP BY payment_id ORDER BY payment_id
            """, ids.map { [.text($0)] })
        for (index, row) in rows.enumerated() {
            try check(try Self.readable(row), takings[index])
        }
        return Found(checked: rows.count, last: ids.last)
    }

    private static func readable(_ row: SQLRow) throws -> OrderPaid {
        do {
            return try OrderPaid(json: JSONDocument(try row.blob(1), limits: .stored).root)
        } catch let fault as MessageFault {
            throw LedgerDiscrepancy(
                .orderUnreadable, "order \(try row.text(0))",
                "its document cannot be read: \(fault.detail)")
        }
    }

    /// Posted and held of a payment are at most its cash.
    private func check(_ order: OrderPaid, _ takings: [SQLRow]) throws {
        for row in takings {
            let (paymentID, taken) = (try row.text(0), try row.integer(1))
            guard let payment = order.payments.first(where: { $0.paymentID == paymentID }) else {
                throw LedgerDiscrepancy(
                    .paymentUnknown, "payment \(paymentID) of order \(order.orderID)",
                    "\(taken) is taken from it, and the order has no such payment")
            }
            guard taken <= payment.cash else {
                throw LedgerDiscrepancy(
                    .paymentOverdrawn, "payment \(paymentID) of order \(order.orderID)",
                    "\(taken) is posted and held of its cash of \(payment.cash)")
            }
        }
    }

    /// What the balances are read from against the postings themselves, in one snapshot. One pass over
    /// the ledger, which keeps a row for each currency.
    func checkBalances(_ connection: any SQLConnection) throws -> Found {
        let postings = try connection.query(
            """
            SELECT currency,
                CAST(SUM(CASE WHEN credit || '' LIKE 'customer:%' THEN amount ELSE 0 END
                    - CASE WHEN debit || '' LIKE 'customer:%' THEN amount ELSE 0 END) AS BIGINT),
                CAST(SUM(CASE credit WHEN 'payable' THEN amount ELSE 0 END
                    - CASE debit WHEN 'payable' THEN amount ELSE 0 END) AS BIGINT)
            FROM ledger GROUP BY currency ORDER BY currency
            """, [])
        let sums = try postings.map {
            Sum(
                currency: try $0.text(0), balances: try $0.integer(1), payable: try $0.integer(2))
        }
        let balances = try Ledger.totals(in: connection)
        for sum in sums where balances[sum.currency, default: 0] != sum.balances {
            throw LedgerDiscrepancy(
                .balancesDiffer, "balances in \(sum.currency)",
                "the accounts have \(balances[sum.currency, default: 0]) together, by the postings "
                    + "they must have \(sum.balances)")
        }
        return Found(checked: 0, sums: sums)
    }
}

extension Ledger {
    /// The sum of all customers' balances in each currency, from where balances are read.
    fileprivate static func totals(in connection: any SQLConnection) throws -> [String: Int64] {
        let rows = try connection.query(
            """
            SELECT currency, CAST(SUM(amount) AS BIGINT) FROM (
                SELECT currency, amount FROM ledger WHERE credit LIKE 'customer:%'
                UNION ALL
                SELECT currency, -amount FROM ledger WHERE debit LIKE 'customer:%') AS entries
            GROUP BY currency
            """, [])
        return try Dictionary(
            uniqueKeysWithValues: rows.map { (try $0.text(0), try $0.integer(1)) })
    }
}
