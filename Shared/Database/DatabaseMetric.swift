/// The metrics of the PostgreSQL engine, by their names in swift-metrics and Prometheus.
public enum DatabaseMetric: String, Sendable, Hashable, CaseIterable {
    case commits = "database_commits_total"
    case roundTrips = "database_round_trips_total"
    case retries = "database_retries_total"
    case connections = "database_connections_total"
    case waits = "database_pool_waits_total"

    /// What it counts, for Prometheus's HELP.
    public var help: String {
        switch self {
        case .commits: "Transactions committed: each waits for the disk, alone or with others."
        case .roundTrips: "Exchanges with PostgreSQL that were waited for, commits included."
        case .retries: "Transactions run again, by cause: conflict or lost_connection."
        case .connections: "Connections made to PostgreSQL, the first ones included."
        case .waits: "Transactions that had to wait, since every connection was busy."
        }
    }
}
