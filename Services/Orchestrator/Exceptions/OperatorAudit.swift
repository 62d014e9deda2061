import Database
import RefundMessages
import RefundService

/// What an operator did about an exception, kept for good: the database refuses to change or remove it.
struct OperatorAudit: Sendable, Hashable {
    enum Stage: String, Sendable, Hashable, CaseIterable {
        /// A second person has to want the same.
        case proposed
        case done
        /// The leg changed before anybody confirmed the proposal.
        case fellAway = "fell_away"
    }

    /// Of the wish; of a proposal that fell away, its key and `/fell_away`.
    var idempotencyKey: String
    var legID: String
    var action: ExceptionAction
    var stage: Stage
    var operatorName: String
    /// Whether a token proved the name.
    var isProven: Bool
    var note: String
    /// Why the leg was in exception.
    var reason: String
    /// Minor units.
    var amount: Int64
    var currency: String
    var at: Instant

    /// Whether it says the same, but for when and what came of it: a repetition.
    func repeats(_ other: OperatorAudit) -> Bool {
        legID == other.legID && action == other.action && operatorName == other.operatorName
            && isProven == other.isProven && note == other.note
    }
}

extension OperatorAudit {
    private static let columns = """
        idempotency_key, leg_id, action, stage, operator, proven, note, reason, amount, currency,
        acted_at
        """

    private init(_ row: SQLRow) throws {
        guard let action = ExceptionAction(rawValue: try row.text(2)),
            let stage = Stage(rawValue: try row.text(3))
        else { throw DatabaseError(.unusable, "operator_audit holds an unknown value") }
        self.init(
            idempotencyKey: try row.text(0), legID: try row.text(1), action: action, stage: stage,
            operatorName: try row.text(4), isProven: try row.integer(5) != 0,
            note: try row.text(6), reason: try row.text(7), amount: try row.integer(8),
            currency: try row.text(9), at: Instant(milliseconds: try row.integer(10)))
    }

    /// - Throws: ``Overtaken`` where another instance has that key by now.
    func insert(in connection: any SQLConnection) throws {
        let count = try connection.execute(
            """
            INSERT INTO operator_audit (\(Self.columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (idempotency_key) DO NOTHING
            """,
            [
                .text(idempotencyKey), .text(legID), .text(action.rawValue),
                .text(stage.rawValue), .text(operatorName), .integer(isProven ? 1 : 0),
                .text(note), .text(reason), .integer(amount), .text(currency),
                .integer(at.milliseconds),
            ])
        try Overtaken.unlessOneEach([count])
    }

    static func of(key: String, in connection: any SQLConnection) throws -> OperatorAudit? {
        try connection.query(
            "SELECT \(columns) FROM operator_audit WHERE idempotency_key = $1", [.text(key)]
        ).first.map { try OperatorAudit($0) }
    }

    /// Of one leg, the oldest first; at most `limit`.
    static func of(
        legID: String, limit: Int64, in connection: any SQLConnection
    ) throws -> [OperatorAudit] {
        try connection.query(
            """
            SELECT \(columns) FROM operator_audit WHERE leg_id = $1
            ORDER BY acted_at, idempotency_key LIMIT $2
            """, [.text(legID), .integer(limit)]
        ).map { try OperatorAudit($0) }
    }

    /// Of all legs, the newest first, before that place.
    static func page(
        before place: PageMark?, limit: Int64, in connection: any SQLConnection
    ) throws -> [OperatorAudit] {
        try connection.query(
            """
            SELECT \(columns) FROM operator_audit
            WHERE (acted_at, idempotency_key) < ($1, $2)
            ORDER BY acted_at DESC, idempotency_key DESC LIMIT $3
            """,
            [.integer(place?.number ?? .max), .text(place?.text ?? ""), .integer(limit)]
        ).map { try OperatorAudit($0) }
    }
}

extension OperatorAudit.Stage: JSONWritable {}

extension OperatorAudit: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("at", at)
            json.field("legId", legID)
            json.field("action", action)
            json.field("stage", stage)
            json.field("operator", operatorName)
            json.field("nameProven", isProven)
            json.field("note", note)
            json.field("reason", reason)
            json.field("amount", amount)
            json.field("currency", currency)
        }
    }
}
