import Database
import RefundMessages

/// Pages of dead letters, by keyset: the ten-thousandth costs what the first one does.
///
/// One condition drives: the one that lets the fewest through, by its index. The others are looked at
/// within what it finds, for a bounded number of dead letters a page, so that no combination of
/// conditions costs more: a page may come back short, with the place where the next one begins.
struct RecordQuery {
    /// Dead letters that one page looks at.
    static let scanned: Int64 = 5_000

    let filter: RecordFilter
    let order: ArrivalOrder
    let connection: any SQLConnection

    /// Columns that can drive, the most telling first; the first three always do.
    private static let columns:
        [(name: String, value: any KeyPath<RecordFilter, String?> & Sendable)] = [
            ("request_id", \.requestID), ("order_id", \.orderID), ("fingerprint", \.fingerprint),
            ("queue", \.queue), ("reason", \.reason), ("type", \.type),
            ("state", \.state?.rawValue),
        ]
    private static let alwaysDriving = 3

    /// The page after `cursor`, an id, without a look at the bodies.
    func page(after cursor: Int64?, limit: Int64) throws -> Page<Record> {
        let conditions = Self.columns.compactMap { column in
            filter[keyPath: column.value].map { (name: column.name, value: $0) }
        }
        let driver = try driver(among: conditions)
        var range = try SQLConditions(idRange(after: cursor))
        if let driver { range.add("\(driver.name) = ", .text(driver.value)) }
        let rest = conditions.filter { $0.name != driver?.name }
        guard !rest.isEmpty else {
            let records = try select(range, limit: limit + 1)
            let isMore = records.count > limit
            let page = Array(records.prefix(Int(limit)))
            return Page(elements: page, next: isMore ? page.last?.id : nil)
        }
        return try filtered(range, rest, limit: limit)
    }

    private func filtered(
        _ range: SQLConditions, _ rest: [(name: String, value: String)], limit: Int64
    ) throws -> Page<Record> {
        var conditions = range
        conditions.arguments.append(.integer(Self.scanned))
        let inner = """
            SELECT \(Record.columns) FROM dead_letters WHERE \(range.sql)
            ORDER BY id \(direction) LIMIT $\(conditions.arguments.count)
            """
        var outer = SQLConditions(arguments: conditions.arguments)
        for condition in rest { outer.add("\(condition.name) = ", .text(condition.value)) }
        let records = try connection.query(
            """
            SELECT \(Record.columns) FROM (\(inner)) AS scanned WHERE \(outer.sql)
            ORDER BY id \(direction) LIMIT \(limit)
            """, outer.arguments
        ).map { try Record($0) }
        if records.count == Int(limit) { return Page(elements: records, next: records.last?.id) }
        let last = try connection.query(
            """
            SELECT id FROM dead_letters WHERE \(range.sql)
            ORDER BY id \(direction) LIMIT 1 OFFSET \(Self.scanned - 1)
            """, range.arguments
        ).first?.integer(0)
        return Page(elements: records, next: last)
    }

    private var direction: String { order == .newest ? "DESC" : "ASC" }

    private func select(_ conditions: SQLConditions, limit: Int64) throws -> [Record] {
        try connection.query(
            """
            SELECT \(Record.columns) FROM dead_letters WHERE \(conditions.sql)
            ORDER BY id \(direction) LIMIT \(limit)
            """, conditions.arguments
        ).map { try Record($0) }
    }

    // MARK: - What drives

    private func driver(
        among conditions: [(name: String, value: String)]
    ) throws -> (name: String, value: String)? {
        let telling = Self.columns.prefix(Self.alwaysDriving).map(\.name)
        if let first = conditions.first(where: { telling.contains($0.name) }) { return first }
        guard conditions.count > 1 else { return conditions.first }
        return try conditions.map { ($0, try count($0)) }.min { $0.1 < $1.1 }?.0
    }

    private func count(_ condition: (name: String, value: String)) throws -> Int64 {
        let (table, sum) =
            condition.name == "type" ? ("kinds", "total") : ("tallies", "count")
        return try connection.query(
            "SELECT CAST(COALESCE(SUM(\(sum)), 0) AS BIGINT) FROM \(table) WHERE \(condition.name) = $1",
            [.text(condition.value)]
        ).first?.integer(0) ?? 0
    }

    /// Ids grow with the time of arrival, so that times bound ids.
    private func idRange(after cursor: Int64?) throws -> ClosedRange<Int64> {
        var lower: Int64 = 1
        var upper = Int64.max - 1
        if let since = filter.since { lower = try firstID(from: since) ?? upper }
        if let until = filter.until, let first = try firstID(from: until) { upper = first - 1 }
        if let cursor {
            if order == .newest {
                upper = min(upper, cursor - 1)
            } else {
                lower = max(lower, cursor + 1)
            }
        }
        // An empty range, where nothing is between.
        return lower <= upper ? lower...upper : 0...0
    }

    private func firstID(from instant: Instant) throws -> Int64? {
        try connection.query(
            "SELECT id FROM dead_letters WHERE received_at >= $1 ORDER BY received_at, id LIMIT 1",
            [.instant(instant)]
        ).first?.integer(0)
    }
}

/// Conditions that are all to hold, with their arguments.
struct SQLConditions {
    private(set) var parts: [String] = []
    var arguments: [SQLValue]

    init(arguments: [SQLValue] = []) { self.arguments = arguments }

    /// Ids within the range.
    init(_ range: ClosedRange<Int64>) throws {
        self.init()
        add("id >= ", .integer(range.lowerBound))
        add("id <= ", .integer(range.upperBound))
    }

    mutating func add(_ comparison: String, _ value: SQLValue) {
        arguments.append(value)
        parts.append("\(comparison)$\(arguments.count)")
    }

    var sql: String { parts.joined(separator: " AND ") }
}
