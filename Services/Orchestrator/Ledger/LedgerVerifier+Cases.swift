import Database
import RefundMessages
import RefundService

/// Each case against everything that is written with it.
extension LedgerVerifier {
    func checkCases(after key: String, _ connection: any SQLConnection) throws -> Found {
        let rows = try connection.query(
            """
            SELECT case_id, order_id, state FROM cases WHERE case_id > $1 ORDER BY case_id LIMIT $2
            """, [.text(key), .integer(self.rows)])
        let cases = try rows.map { try Self.readable($0) }
        let ids = cases.map(\.caseID)
        let both = cases.map { [SQLValue.text($0.request.orderID), .text($0.caseID)] }
        let postings = try LedgerPosting.of(cases: ids, in: connection)
        let takings = try connection.queryEach(
            "SELECT payment_id, amount FROM takings WHERE order_id = $1 AND case_id = $2", both)
        let claims = try connection.queryEach(
            "SELECT line_id, state FROM claims WHERE order_id = $1 AND case_id = $2", both)
        let exceptions = try connection.queryEach(
            "SELECT leg_id, reason FROM exceptions WHERE leg_id > $1 AND leg_id < $2",
            ids.map { [.text($0 + "/"), .text($0 + "0")] })
        for (index, value) in cases.enumerated() {
            try value.checkPostings(postings[index])
            let id = value.caseID
            try Self.compare(
                try takings[index].map { (try $0.text(0), "\(try $0.integer(1))") },
                value.takings.mapValues(String.init),
                codes: (.takingMissing, .takingUnexpected, .takingDiffers)
            ) { "what request \(id) takes from payment \($0)" }
            try Self.compare(
                try claims[index].map { (try $0.text(0), try $0.text(1)) },
                value.claims.mapValues(\.rawValue),
                codes: (.claimMissing, .claimUnexpected, .claimDiffers)
            ) { "the claim of request \(id) on line \($0)" }
            try Self.compare(
                try exceptions[index].map { (try $0.text(0), try $0.text(1)) },
                value.exceptionReasons,
                codes: (.exceptionUnlisted, .exceptionUnexpected, .exceptionUnexpected)
            ) { "leg \($0) in the list of exceptions" }
        }
        return Found(checked: rows.count, last: ids.last)
    }

    private static func readable(_ row: SQLRow) throws -> RefundCase {
        let id = try row.text(0)
        let value: RefundCase
        do {
            value = try RefundCase(stored: try row.blob(2))
        } catch let fault as MessageFault {
            throw LedgerDiscrepancy(
                .caseUnreadable, "request \(id)", "its state cannot be read: \(fault.detail)")
        }
        guard value.caseID == id, value.request.orderID == (try row.text(1)) else {
            throw LedgerDiscrepancy(
                .caseUnreadable, "request \(id)",
                "its state is of request \(value.caseID) on order \(value.request.orderID)")
        }
        return value
    }

    /// The rows found against those that the state amounts to.
    private static func compare(
        _ found: [(key: String, value: String)], _ expected: [String: String],
        codes: (
            missing: LedgerDiscrepancy.Code, unexpected: LedgerDiscrepancy.Code,
            differs: LedgerDiscrepancy.Code
        ), subject: (String) -> String
    ) throws(LedgerDiscrepancy) {
        let found = Dictionary(found.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        for key in Set(found.keys).union(expected.keys).sorted() where found[key] != expected[key] {
            let (is_, must) = (found[key], expected[key])
            let code =
                is_ == nil ? codes.missing : must == nil ? codes.unexpected : codes.differs
            throw LedgerDiscrepancy(
                code, subject(key),
                "is \(is_ ?? "not there"), and must be \(must ?? "not there") by its state")
        }
    }
}

extension RefundCase {
    fileprivate var exceptionReasons: [String: String] {
        Dictionary(
            legs.filter { $0.state == .exception }.map {
                (legID(of: $0), $0.exceptionReason?.rawValue ?? "")
            }, uniquingKeysWith: { $1 })
    }
}
