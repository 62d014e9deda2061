import Database

/// What a batch says to the database, once for all of its cases.
enum CaseStatements {
    private static let columns = "confirmed, opened_at, state"

    static let load = RowStatement.select(
        columns, from: "cases", where: "case_id = $1", .text, locking: true)
    static let loadDue = RowStatement.select(
        columns, from: "cases", where: "case_id = $1 AND due_at <= $2", .text, .integer,
        locking: true)
    static let loadOrder = RowStatement.select(
        "document", from: "orders", where: "order_id = $1", .text, locking: true)
    static let loadClaims = RowStatement.select(
        "line_id, case_id, state", from: "claims", where: "order_id = $1", .text)
    static let loadTakings = RowStatement.select(
        "payment_id, case_id, amount", from: "takings", where: "order_id = $1", .text)

    static let open = RowStatement.insert(
        into: "cases",
        [
            "case_id": .text, "phase": .text, "revision": .integer, "due_at": .integer,
            "state": .blob, "order_id": .text, "confirmed": .integer, "opened_at": .integer,
        ], "ON CONFLICT (case_id) DO NOTHING")
    static let change = RowStatement.update(
        "cases", set: "phase = $2, revision = $3, due_at = $4, state = $5", where: "case_id = $1",
        .text, .text, .integer, .integer, .blob)
    static let postpone = RowStatement.update(
        "cases", set: "due_at = $2", where: "case_id = $1", .text, .integer)
    static let confirm = RowStatement.update(
        "cases",
        set: """
            confirmed = $2, due_at = CASE
                WHEN phase IN ('finished', 'in_review') AND revision = $2 AND due_at = $4 THEN $3
                ELSE due_at END
            """, where: "case_id = $1 AND confirmed < $2", .text, .integer, .integer, .integer)
    static let forget = RowStatement.delete(from: "cases", where: "case_id = $1", .text)

    static let unclaim = RowStatement.delete(
        from: "claims", where: "order_id = $1 AND line_id = $2 AND case_id = $3",
        .text, .text, .text)
    static let claim = RowStatement.insert(
        into: "claims",
        ["order_id": .text, "line_id": .text, "case_id": .text, "state": .text],
        """
        ON CONFLICT (order_id, line_id) DO UPDATE SET state = excluded.state
        WHERE claims.case_id = excluded.case_id
        """)
    static let untake = RowStatement.delete(
        from: "takings", where: "order_id = $1 AND payment_id = $2 AND case_id = $3",
        .text, .text, .text)
    static let take = RowStatement.insert(
        into: "takings",
        ["order_id": .text, "payment_id": .text, "case_id": .text, "amount": .integer],
        "ON CONFLICT (order_id, payment_id, case_id) DO UPDATE SET amount = excluded.amount")

    static let list = RowStatement.insert(
        into: "exceptions",
        [
            "leg_id": .text, "case_id": .text, "order_id": .text, "account_id": .text,
            "provider": .text, "reason": .text, "amount": .integer, "currency": .text,
            "since": .integer,
        ], "ON CONFLICT (leg_id) DO UPDATE SET reason = excluded.reason")
    static let unlist = RowStatement.delete(
        from: "exceptions", where: "leg_id = $1", .text)
}
