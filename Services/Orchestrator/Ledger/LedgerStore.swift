import Database
import RefundMessages
import RefundService

extension LedgerTransfer {
    /// A posting that is there already is no change.
    static let insertion = RowStatement.insert(
        into: "ledger",
        [
            "leg_id": .text, "transition": .text, "attempt": .integer, "debit": .text,
            "credit": .text, "amount": .integer, "currency": .text, "posted_at": .integer,
        ], "ON CONFLICT (leg_id, transition, attempt) DO NOTHING")

    var row: [SQLValue] {
        [
            .text(legID), .text(transition.rawValue), .integer(Int64(attempt)), .text(debit.name),
            .text(credit.name), .integer(amount), .text(currency), .integer(postedAt.milliseconds),
        ]
    }
}

/// Sums over the ledger.
enum Ledger {
    /// A customer's balance in each currency, in minor units: credits less debits.
    static func balances(
        of accountID: String, in connection: any SQLConnection
    ) throws -> [(currency: String, balance: Int64)] {
        let account = SQLValue.text(LedgerAccount.customer(accountID).name)
        return try connection.query(
            """
            SELECT currency, CAST(SUM(amount) AS BIGINT) FROM (
                SELECT currency, amount FROM ledger
                WHERE credit = $1 AND credit LIKE 'customer:%'
                UNION ALL
                SELECT currency, -amount FROM ledger
                WHERE debit = $1 AND debit LIKE 'customer:%') AS entries
            GROUP BY currency ORDER BY currency
            """, [account]
        ).map { (try $0.text(0), try $0.integer(1)) }
    }

    /// What the whole ledger says is owed and not settled, in each currency: 0 where all is settled.
    static func payable(
        in connection: any SQLConnection
    ) throws -> [(currency: String, amount: Int64)] {
        try connection.query(
            """
            SELECT currency, CAST(SUM(CASE WHEN credit = 'payable' THEN amount
                ELSE -amount END) AS BIGINT)
            FROM ledger WHERE credit = 'payable' OR debit = 'payable'
            GROUP BY currency ORDER BY currency
            """, []
        ).map { (try $0.text(0), try $0.integer(1)) }
    }
}
