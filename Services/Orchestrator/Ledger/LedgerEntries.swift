import Database
import RefundMessages
import RefundService

/// What of the ledger is asked for.
enum LedgerFilter: Sendable, Hashable {
    case leg(String)
    case request(String)
    /// A customer's account.
    case account(String)
}

extension LedgerPosting {
    /// Postings, the newest first, before that place.
    static func page(
        _ filter: LedgerFilter, before place: PageMark?, limit: Int64,
        in connection: any SQLConnection
    ) throws -> [LedgerPosting] {
        let conditions: [(String, [SQLValue])] =
            switch filter {
            case .leg(let id): [("leg_id = $1", [.text(id)])]
            case .request(let id):
                [("leg_id > $1 AND leg_id < $6", [.text(id + "/"), .text(id + "0")])]
            case .account(let id):
                ["credit", "debit"].map { side in
                    (
                        "\(side) = $1 AND \(side) LIKE 'customer:%'",
                        [.text(LedgerAccount.customer(id).name)]
                    )
                }
            }
        let pages = try conditions.map { condition, arguments in
            try connection.query(
                """
                SELECT \(columns) FROM ledger
                WHERE \(condition) AND (posted_at, leg_id, transition, attempt) < ($2, $3, $4, $5)
                ORDER BY posted_at DESC, leg_id DESC, transition DESC, attempt DESC
                LIMIT \(limit)
                """, [arguments[0]] + Self.place(place) + arguments.dropFirst()
            ).map { try LedgerPosting($0) }
        }
        let sorted = pages.flatMap(\.self).sorted { $1.isOlder(than: $0) }
        return Array(sorted.prefix(Int(limit)))
    }

    private func isOlder(than other: LedgerPosting) -> Bool {
        (postedAt.milliseconds, legID, transition, attempt)
            < (other.postedAt.milliseconds, other.legID, other.transition, other.attempt)
    }

    /// The four keys of a mark; after everything where there is none.
    private static func place(_ mark: PageMark?) -> [SQLValue] {
        guard let mark else { return [.integer(.max), .text(""), .text(""), .integer(0)] }
        let parts = mark.text.split(separator: "~", omittingEmptySubsequences: false)
        return [
            .integer(mark.number), .text(parts.first.map(String.init) ?? ""),
            .text(parts.count > 1 ? String(parts[1]) : ""),
            .integer(parts.count > 2 ? Int64(parts[2]) ?? 0 : 0),
        ]
    }
}
