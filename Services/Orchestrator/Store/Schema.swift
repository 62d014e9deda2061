import Database

/// The orchestrator's own tables. Instants are milliseconds since 1970, money is minor units.
enum Schema {
    static let migrations: [Migration] = [
        Migration(
            1, "cases, orders, ledger",
            [
                """
                CREATE TABLE orders (
                    order_id TEXT PRIMARY KEY,
                    version BIGINT NOT NULL,
                    document BLOB NOT NULL)
                """,
                """
                CREATE TABLE cases (
                    case_id TEXT PRIMARY KEY,
                    order_id TEXT NOT NULL,
                    phase TEXT NOT NULL,
                    revision BIGINT NOT NULL,
                    confirmed BIGINT NOT NULL,
                    opened_at BIGINT NOT NULL,
                    due_at BIGINT,
                    state BLOB NOT NULL)
                """,
                "CREATE INDEX cases_due ON cases (due_at) WHERE due_at IS NOT NULL",
                "CREATE INDEX cases_in_review ON cases (opened_at) WHERE phase = 'in_review'",
                """
                CREATE TABLE claims (
                    order_id TEXT NOT NULL,
                    line_id TEXT NOT NULL,
                    case_id TEXT NOT NULL,
                    state TEXT NOT NULL,
                    PRIMARY KEY (order_id, line_id))
                """,
                """
                CREATE TABLE takings (
                    order_id TEXT NOT NULL,
                    payment_id TEXT NOT NULL,
                    case_id TEXT NOT NULL,
                    amount BIGINT NOT NULL,
                    PRIMARY KEY (order_id, payment_id, case_id))
                """,
                """
                CREATE TABLE decisions (
                    message_id TEXT PRIMARY KEY,
                    case_id TEXT NOT NULL,
                    document BLOB NOT NULL,
                    decided_at BIGINT NOT NULL)
                """,
                """
                CREATE TABLE ledger (
                    leg_id TEXT NOT NULL,
                    transition TEXT NOT NULL,
                    attempt BIGINT NOT NULL,
                    debit TEXT NOT NULL,
                    credit TEXT NOT NULL,
                    amount BIGINT NOT NULL CHECK (amount > 0),
                    currency TEXT NOT NULL,
                    posted_at BIGINT NOT NULL,
                    PRIMARY KEY (leg_id, transition, attempt))
                """,
                """
                CREATE INDEX ledger_credited ON ledger (credit, currency, amount)
                WHERE credit LIKE 'customer:%'
                """,
                """
                CREATE INDEX ledger_debited ON ledger (debit, currency, amount)
                WHERE debit LIKE 'customer:%'
                """,
            ]),
        Migration(
            2, "exceptions, their audit, a ledger that only grows",
            [
                """
                CREATE TABLE exceptions (
                    leg_id TEXT PRIMARY KEY,
                    case_id TEXT NOT NULL,
                    order_id TEXT NOT NULL,
                    account_id TEXT NOT NULL,
                    provider TEXT NOT NULL,
                    reason TEXT NOT NULL,
                    amount BIGINT NOT NULL,
                    currency TEXT NOT NULL,
                    since BIGINT NOT NULL)
                """,
                "CREATE INDEX exceptions_by_age ON exceptions (since, leg_id)",
                "CREATE INDEX exceptions_by_reason ON exceptions (reason, since)",
                """
                CREATE TABLE proposals (
                    leg_id TEXT PRIMARY KEY,
                    idempotency_key TEXT NOT NULL,
                    action TEXT NOT NULL,
                    operator TEXT NOT NULL,
                    proven SMALLINT NOT NULL,
                    note TEXT NOT NULL,
                    proposed_at BIGINT NOT NULL)
                """,
                """
                CREATE TABLE operator_audit (
                    idempotency_key TEXT PRIMARY KEY,
                    leg_id TEXT NOT NULL,
                    action TEXT NOT NULL,
                    stage TEXT NOT NULL,
                    operator TEXT NOT NULL,
                    proven SMALLINT NOT NULL,
                    note TEXT NOT NULL,
                    reason TEXT NOT NULL,
                    amount BIGINT NOT NULL,
                    currency TEXT NOT NULL,
                    acted_at BIGINT NOT NULL)
                """,
                "CREATE INDEX operator_audit_leg ON operator_audit (leg_id, acted_at)",
                "CREATE INDEX operator_audit_time ON operator_audit (acted_at, idempotency_key)",
                // An account's entries, the newest first, and their sum.
                "DROP INDEX ledger_credited",
                "DROP INDEX ledger_debited",
                """
                CREATE INDEX ledger_credited ON ledger
                    (credit, posted_at, leg_id, transition, attempt, currency, amount)
                WHERE credit LIKE 'customer:%'
                """,
                """
                CREATE INDEX ledger_debited ON ledger
                    (debit, posted_at, leg_id, transition, attempt, currency, amount)
                WHERE debit LIKE 'customer:%'
                """,
                // The sweeper lists what an earlier version left in exception.
                "UPDATE cases SET due_at = 0 WHERE phase = 'settling' AND due_at IS NULL",
            ], appendOnly: ["ledger", "operator_audit"]),
        // No table changes: a program that knows the first form only must not open what has the second.
        Migration(3, "the second stored form of cases", []),
    ]
}
