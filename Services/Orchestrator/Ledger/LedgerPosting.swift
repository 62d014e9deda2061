import Database
import RefundMessages
import RefundService

/// A posting as it stands in the database, whatever stands there.
struct LedgerPosting: Sendable, Hashable {
    var legID: String
    var transition: String
    var attempt: Int64
    var debit: String
    var credit: String
    /// Minor units.
    var amount: Int64
    var currency: String
    var postedAt: Instant

    var mark: PageMark {
        PageMark(
            number: postedAt.milliseconds, text: "\(legID)~\(transition)~\(attempt)")
    }
}

extension LedgerPosting {
    static let columns = "leg_id, transition, attempt, debit, credit, amount, currency, posted_at"

    init(_ row: SQLRow) throws {
        self.init(
            legID: try row.text(0), transition: try row.text(1), attempt: try row.integer(2),
            debit: try row.text(3), credit: try row.text(4), amount: try row.integer(5),
            currency: try row.text(6), postedAt: Instant(milliseconds: try row.integer(7)))
    }

    /// Of one leg, the oldest first.
    static func of(legID: String, in connection: any SQLConnection) throws -> [LedgerPosting] {
        try connection.query(
            """
            SELECT \(columns) FROM ledger WHERE leg_id = $1 ORDER BY posted_at, attempt, transition
            """, [.text(legID)]
        ).map { try LedgerPosting($0) }
    }

    /// Of all legs of each of those cases.
    static func of(
        cases caseIDs: [String], in connection: any SQLConnection
    ) throws -> [[LedgerPosting]] {
        // "0" comes after "/", which parts a leg's id, and no id holds either.
        try connection.queryEach(
            "SELECT \(columns) FROM ledger WHERE leg_id > $1 AND leg_id < $2",
            caseIDs.map { [.text($0 + "/"), .text($0 + "0")] }
        ).map { try $0.map { try LedgerPosting($0) } }
    }
}

extension LedgerPosting: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("at", postedAt)
            json.field("legId", legID)
            json.field("transition", transition)
            json.field("attempt", attempt)
            json.field("debit", debit)
            json.field("credit", credit)
            json.field("amount", amount)
            json.field("currency", currency)
        }
    }
}
