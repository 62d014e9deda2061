import Database

/// The tables of a product worker.
enum WorkerSchema {
    static let migrations = [
        Migration(
            1, "facts, orders and finished cases of one product",
            [
                """
                CREATE TABLE facts (
                    order_id TEXT NOT NULL,
                    line_id TEXT NOT NULL,
                    version BIGINT NOT NULL,
                    body BLOB NOT NULL,
                    PRIMARY KEY (order_id, line_id)
                )
                """,
                """
                CREATE TABLE orders (
                    order_id TEXT NOT NULL PRIMARY KEY,
                    state BLOB NOT NULL,
                    wake_at BIGINT
                )
                """,
                "CREATE INDEX orders_wake_at ON orders (wake_at) WHERE wake_at IS NOT NULL",
                """
                CREATE TABLE finished (
                    case_id TEXT NOT NULL PRIMARY KEY,
                    finished_at BIGINT NOT NULL
                )
                """,
                "CREATE INDEX finished_at ON finished (finished_at)",
            ])
    ]
}
