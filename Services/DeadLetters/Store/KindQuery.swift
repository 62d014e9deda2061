import Database
import RefundMessages

/// A group of dead letters of one fingerprint.
struct Kind: Sendable {
    var fingerprint: String
    var reason: String
    var path: String?
    var type: String?
    var total: Int64
    var byState: [RecordState: Int64]
    var firstAt: Instant
    var lastAt: Instant
    /// The latest.
    var lastID: Int64

    static let columns = """
        fingerprint, reason, path, type, total, open, replaying, replayed, resolved, discarded, \
        first_at, last_at, last_id
        """

    init(_ row: SQLRow) throws {
        fingerprint = try row.text(0)
        reason = try row.text(1)
        path = try row.optionalText(2)
        type = try row.optionalText(3)
        total = try row.integer(4)
        byState = [
            .open: try row.integer(5), .replaying: try row.integer(6),
            .replayed: try row.integer(7), .resolved: try row.integer(8),
            .discarded: try row.integer(9),
        ]
        firstAt = try row.instant(10)
        lastAt = try row.instant(11)
        lastID = try row.integer(12)
    }
}

/// Pages of groups, from their kept counts.
struct KindQuery {
    enum Order: String, CaseIterable { case count, latest }

    /// Groups that one page looks at.
    static let scanned: Int64 = 5_000

    /// The place after a group.
    struct Cursor: Equatable {
        var number: Int64
        /// Where groups are sorted by count.
        var fingerprint: String?

        var text: String { fingerprint.map { "\(number)-\($0)" } ?? "\(number)" }
    }

    let state: RecordState?
    let order: Order
    let connection: any SQLConnection

    func page(after cursor: Cursor?, limit: Int64) throws -> (kinds: [Kind], next: Cursor?) {
        let column = order == .count ? "total" : "last_id"
        var arguments: [SQLValue] = [
            .integer(cursor?.number ?? .max), .integer(Self.scanned),
        ]
        var after = "\(column) <= $1"
        if let cursor {
            if order == .count {
                arguments.append(.text(cursor.fingerprint ?? ""))
                after += " AND (\(column) < $1 OR fingerprint < $3)"
            } else {
                after = "\(column) < $1"
            }
        }
        let filter = state.map { "WHERE \($0.rawValue) > 0" } ?? ""
        let sorting = order == .count ? "total DESC, fingerprint DESC" : "last_id DESC"
        let kinds = try connection.query(
            """
            SELECT \(Kind.columns) FROM (
                SELECT \(Kind.columns) FROM kinds WHERE \(after) AND total > 0
                ORDER BY \(sorting) LIMIT $2) AS scanned
            \(filter) ORDER BY \(sorting) LIMIT \(limit)
            """, arguments
        ).map { try Kind($0) }
        if kinds.count == Int(limit) { return (kinds, kinds.last.map { place($0) }) }
        arguments[1] = .integer(1)
        let last = try connection.query(
            """
            SELECT \(Kind.columns) FROM kinds WHERE \(after) AND total > 0
            ORDER BY \(sorting) LIMIT $2 OFFSET \(Self.scanned - 1)
            """, arguments
        ).first.map { try Kind($0) }
        return (kinds, last.map { place($0) })
    }

    private func place(_ kind: Kind) -> Cursor {
        order == .count
            ? Cursor(number: kind.total, fingerprint: kind.fingerprint)
            : Cursor(number: kind.lastID)
    }
}
