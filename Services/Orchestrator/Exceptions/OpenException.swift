import Database
import RefundMessages
import RefundService

/// A leg in exception, as lists and metrics show it: kept beside its case, in the same transaction.
struct OpenException: Sendable, Hashable {
    var legID: String
    var orderID: String
    var accountID: String
    var provider: String
    var reason: String
    /// Minor units.
    var amount: Int64
    var currency: String
    var since: Instant
    var proposal: ExceptionProposal?

    var mark: PageMark { PageMark(number: since.milliseconds, text: legID) }
}

extension OpenException {
    /// Those of one reason, of one request, or all; the oldest first, after that place.
    static func page(
        reason: String?, requestID: String?, after place: PageMark?, limit: Int64,
        in connection: any SQLConnection
    ) throws -> [OpenException] {
        var conditions = ["(since, exceptions.leg_id) > ($1, $2)"]
        var arguments: [SQLValue] = [
            .integer(place?.number ?? .min), .text(place?.text ?? ""), .integer(limit),
        ]
        func argument(_ text: String) -> String {
            arguments.append(.text(text))
            return "$\(arguments.count)"
        }
        if let reason { conditions.append("reason = \(argument(reason))") }
        if let requestID {
            let (from, to) = (argument(requestID + "/"), argument(requestID + "0"))
            conditions.append("exceptions.leg_id > \(from) AND exceptions.leg_id < \(to)")
        }
        let columns = ExceptionProposal.columns.split(separator: ", ").map { "proposals.\($0)" }
        return try connection.query(
            """
            SELECT exceptions.leg_id, order_id, account_id, provider, reason, amount, currency,
                since, \(columns.joined(separator: ", "))
            FROM exceptions LEFT JOIN proposals ON proposals.leg_id = exceptions.leg_id
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY since, exceptions.leg_id LIMIT $3
            """, arguments
        ).map { try OpenException($0) }
    }

    /// How many are open and since when the oldest is, by reason.
    static func summary(
        in connection: any SQLConnection
    ) throws -> [String: (count: Int64, oldest: Instant)] {
        let rows = try connection.query(
            "SELECT reason, count(*), min(since) FROM exceptions GROUP BY reason", [])
        return try Dictionary(
            uniqueKeysWithValues: rows.map {
                (
                    try $0.text(0),
                    (try $0.integer(1), Instant(milliseconds: try $0.integer(2)))
                )
            })
    }

    private init(_ row: SQLRow) throws {
        self.init(
            legID: try row.text(0), orderID: try row.text(1), accountID: try row.text(2),
            provider: try row.text(3), reason: try row.text(4), amount: try row.integer(5),
            currency: try row.text(6), since: Instant(milliseconds: try row.integer(7)),
            proposal: try row.optionalText(8).map { _ in try ExceptionProposal(row, from: 8) })
    }
}

extension OpenException: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("legId", legID)
            json.field("requestId", String(legID.prefix { $0 != "/" }))
            json.field("orderId", orderID)
            json.field("accountId", accountID)
            json.field("provider", provider)
            json.field("reason", reason)
            json.field("amount", amount)
            json.field("currency", currency)
            json.field("since", since)
            json.field("proposal", proposal)
        }
    }
}
