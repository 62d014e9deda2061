/// The bounds of a PostgreSQL database: how many connections, and how long each wait may be.
public struct PostgresOptions: Sendable, Hashable {
    /// Connections that one process has at most (1 to 64). They are made when there is work for
    /// them, and closed after a minute without.
    public var connections = 4
    /// One attempt to connect to one host, TLS and authentication included.
    public var connectTimeout: Duration = .seconds(5)
    /// The server ends a statement after that (`statement_timeout`). A server that is silent for
    /// ``PostgresLimits/grace`` longer is taken for gone.
    public var statementTimeout: Duration = .seconds(10)
    /// The server ends the wait for one lock after that (`lock_timeout`).
    public var lockTimeout: Duration = .seconds(5)
    /// The server ends a transaction whose client says nothing for that long
    /// (`idle_in_transaction_session_timeout`): a vanished client's locks go with it.
    public var idleInTransactionTimeout: Duration = .seconds(30)
    /// How long a call waits for a connection, be it that all are busy or that the server is away.
    public var waitTimeout: Duration = .seconds(10)

    /// The defaults.
    public init() {}
}

/// What users need not choose.
public enum PostgresLimits {
    /// Of writing transactions: what a body reads and decides on, it locks (`forUpdate`).
    static let isolation = "READ COMMITTED"
    /// Runs of one body at most: after deadlocks, serialization failures and lost connections.
    public static let attempts = 8
    /// The wait after the first conflict or failed connection; it doubles, with jitter.
    public static let firstPause: Duration = .milliseconds(20)
    /// Where the doubling ends.
    public static let longestPause: Duration = .seconds(1)
    /// How much longer than the server's own time-out its answer may take.
    public static let grace: Duration = .seconds(2)
    /// Prepared statements that a connection keeps; beyond that it starts afresh.
    public static let statements = 256
    /// How long a connection without work stays open.
    public static let idleTime: Duration = .seconds(60)
    /// One statement of a migration, or the wait for another process's migration.
    public static let migrationTimeout: Duration = .seconds(600)
    /// Statements in one exchange whose answers are awaited together.
    public static let window = 4_096
    /// The oldest server that knows what is used here (`pg_current_xact_id`).
    public static let oldestServer = 130_000
}
