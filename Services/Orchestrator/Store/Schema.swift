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
            ])
    ]
}
