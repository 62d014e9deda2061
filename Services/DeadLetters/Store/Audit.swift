import Database
import RefundMessages
import WorkerRuntime

/// Who did what and when. Rows are only ever added: the database refuses to change one.
struct AuditEntry: Sendable {
    enum Action: String, CaseIterable, Sendable { case prepare, start, cancel, finish, evict }

    var id: Int64
    var at: Instant
    var by: String
    /// Whether a token proved the name.
    var isProven: Bool
    var action: Action
    var job: Int64?
    var note: String?
    /// A JSON object.
    var details: [UInt8]

    static let columns = "id, at, principal, is_proven, action, job_id, note, details"

    init(_ row: SQLRow) throws {
        id = try row.integer(0)
        at = try row.instant(1)
        by = try row.text(2)
        isProven = try row.flag(3)
        action = try row.choice(4)
        job = try row.optionalInteger(5)
        note = try row.optionalText(6)
        details = try row.blob(7)
    }
}

enum Audit {
    /// This service itself.
    static let service = Principal(name: "dead-letters", role: .operator, isProven: true)

    static func add(
        _ action: AuditEntry.Action, by principal: Principal, job: Int64? = nil,
        note: String? = nil, at now: Instant, in connection: any SQLConnection,
        _ details: (inout JSONWriter) -> Void
    ) throws {
        var json = JSONWriter()
        json.object(details)
        try connection.execute(
            "INSERT INTO audit (\(AuditEntry.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                .integer(try connection.take(of: "audit")), .instant(now), .text(principal.name),
                .flag(principal.isProven), .text(action.rawValue), .integer(job), .text(note),
                .blob(json.bytes),
            ])
    }

    /// Entries before that one, the newest first; all of them without one.
    static func page(
        before cursor: Int64?, job: Int64?, limit: Int64, in connection: any SQLConnection
    ) throws -> Page<AuditEntry> {
        var conditions = try SQLConditions(1...max(1, (cursor ?? .max) - 1))
        if let cursor, cursor <= 1 { return Page(elements: [], next: nil) }
        if let job { conditions.add("job_id = ", .integer(job)) }
        let entries = try connection.query(
            """
            SELECT \(AuditEntry.columns) FROM audit WHERE \(conditions.sql)
            ORDER BY id DESC LIMIT \(limit + 1)
            """, conditions.arguments
        ).map { try AuditEntry($0) }
        let page = Array(entries.prefix(Int(limit)))
        return Page(elements: page, next: entries.count > page.count ? page.last?.id : nil)
    }

    /// Entries after that one, the oldest first.
    static func page(
        after id: Int64, limit: Int64, in connection: any SQLConnection
    ) throws -> [AuditEntry] {
        try connection.query(
            """
            SELECT \(AuditEntry.columns) FROM audit WHERE id > $1 ORDER BY id LIMIT \(limit)
            """, [.integer(id)]
        ).map { try AuditEntry($0) }
    }
}
