import Database
import RefundMessages
import RefundService

/// What one operator wants done about an exception, and a second has to want too.
struct ExceptionProposal: Sendable, Hashable {
    var action: ExceptionAction
    var operatorName: String
    /// Whether a token proved the name.
    var isProven: Bool
    var note: String
    var at: Instant
    var idempotencyKey: String
}

extension ExceptionProposal {
    static let columns = "action, operator, proven, note, proposed_at, idempotency_key"

    /// From ``columns``, beginning at that one.
    init(_ row: SQLRow, from first: Int = 0) throws {
        guard let action = ExceptionAction(rawValue: try row.text(first)) else {
            throw DatabaseError(.unusable, "proposals.action holds an unknown value")
        }
        self.init(
            action: action, operatorName: try row.text(first + 1),
            isProven: try row.integer(first + 2) != 0, note: try row.text(first + 3),
            at: Instant(milliseconds: try row.integer(first + 4)),
            idempotencyKey: try row.text(first + 5))
    }

    static func of(_ legID: String, in connection: any SQLConnection) throws -> Self? {
        try connection.query(
            "SELECT \(columns) FROM proposals WHERE leg_id = $1", [.text(legID)]
        ).first.map { try ExceptionProposal($0) }
    }

    /// Takes the place of another proposal.
    func save(of legID: String, in connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO proposals
                (leg_id, action, operator, proven, note, proposed_at, idempotency_key)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (leg_id) DO UPDATE SET
                action = excluded.action, operator = excluded.operator, proven = excluded.proven,
                note = excluded.note, proposed_at = excluded.proposed_at,
                idempotency_key = excluded.idempotency_key
            """,
            [
                .text(legID), .text(action.rawValue), .text(operatorName),
                .integer(isProven ? 1 : 0), .text(note), .integer(at.milliseconds),
                .text(idempotencyKey),
            ])
    }
}

extension ExceptionProposal: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("action", action)
            json.field("operator", operatorName)
            json.field("nameProven", isProven)
            json.field("note", note)
            json.field("at", at)
        }
    }
}
