import Database
import RefundMessages
import RefundService

/// What belongs to a case that is not there.
extension LedgerVerifier {
    func checkPostings(after key: String, _ connection: any SQLConnection) throws -> Found {
        let legs = try connection.query(
            """
            SELECT leg_id FROM ledger WHERE leg_id > $1 GROUP BY leg_id ORDER BY leg_id LIMIT $2
            """, [.text(key), .integer(self.rows)]
        ).map { try $0.text(0) }
        let orders = try orders(of: legs.map { String($0.prefix { $0 != "/" }) }, connection)
        for (legID, orderID) in zip(legs, orders) where orderID == nil {
            throw LedgerDiscrepancy(
                .postingOrphan, "leg \(legID)",
                "the ledger has postings of it, and no request has it")
        }
        return Found(checked: legs.count, last: legs.last)
    }

    func checkTakings(after key: String, _ connection: any SQLConnection) throws -> Found {
        let key = Self.split(key, into: 3)
        let rows = try connection.query(
            """
            SELECT order_id, payment_id, case_id FROM takings
            WHERE (order_id, payment_id, case_id) > ($1, $2, $3)
            ORDER BY order_id, payment_id, case_id LIMIT $4
            """, key + [.integer(self.rows)])
        return try checkOwners(of: rows, .takingOrphan, connection) { row in
            "what is taken from payment \(try row.text(1)) of order \(try row.text(0))"
        }
    }

    func checkClaims(after key: String, _ connection: any SQLConnection) throws -> Found {
        let key = Self.split(key, into: 3).prefix(2)
        let rows = try connection.query(
            """
            SELECT order_id, line_id, case_id FROM claims WHERE (order_id, line_id) > ($1, $2)
            ORDER BY order_id, line_id LIMIT $3
            """, key + [.integer(self.rows)])
        return try checkOwners(of: rows, .claimOrphan, connection) { row in
            "the claim on line \(try row.text(1)) of order \(try row.text(0))"
        }
    }

    /// Rows of order, key and case id: the case must be there and be of that order.
    private func checkOwners(
        of rows: [SQLRow], _ code: LedgerDiscrepancy.Code, _ connection: any SQLConnection,
        subject: (SQLRow) throws -> String
    ) throws -> Found {
        let known = try connection.queryEach(
            "SELECT 1 FROM orders WHERE order_id = $1", try rows.map { [.text(try $0.text(0))] })
        for (row, order) in zip(rows, known) where order.isEmpty {
            throw LedgerDiscrepancy(
                .orderMissing, "order \(try row.text(0))",
                "is not there, but \(try subject(row)) is")
        }
        let owners = try orders(of: try rows.map { try $0.text(2) }, connection)
        for (row, orderID) in zip(rows, owners) where orderID != (try row.text(0)) {
            throw LedgerDiscrepancy(
                code, try subject(row),
                "is of request \(try row.text(2)), which "
                    + (orderID.map { "is on order \($0)" } ?? "is not there"))
        }
        let last = try rows.last.map { row in
            try (0..<3).map { try row.text($0) }.joined(separator: "/")
        }
        return Found(checked: rows.count, last: last)
    }

    /// The order of each case, nil for one that is not there.
    private func orders(
        of caseIDs: [String], _ connection: any SQLConnection
    ) throws -> [String?] {
        try connection.queryEach(
            "SELECT order_id FROM cases WHERE case_id = $1", caseIDs.map { [.text($0)] }
        ).map { try $0.first?.text(0) }
    }

    /// A key of several columns: ids hold no slash.
    private static func split(_ key: String, into count: Int) -> [SQLValue] {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        return (0..<count).map { .text($0 < parts.count ? String(parts[$0]) : "") }
    }
}
