import Metrics
import Synchronization

/// What the engine did, for metrics and for measurements: commits (each waits for the disk once) and
/// round trips a refund are what a database costs.
public final class PostgresCounts: Sendable {
    /// The numbers at one moment.
    public struct Snapshot: Sendable, Hashable {
        /// Transactions that changed something, or might have, and are durable.
        public var commits = 0
        /// Exchanges with the server that somebody waited for, commits included.
        public var roundTrips = 0
        /// Bodies that ran again, after a conflict or a lost connection.
        public var retries = 0
        /// Connections made, the first ones included.
        public var connections = 0
        /// Calls that had to wait because every connection was busy.
        public var waits = 0
    }

    private let snapshot = Mutex(Snapshot())
    private let commits = Counter(label: DatabaseMetric.commits.rawValue)
    private let roundTrips = Counter(label: DatabaseMetric.roundTrips.rawValue)
    private let conflicts = Counter(
        label: DatabaseMetric.retries.rawValue, dimensions: [("cause", "conflict")])
    private let losses = Counter(
        label: DatabaseMetric.retries.rawValue, dimensions: [("cause", "lost_connection")])
    private let connections = Counter(label: DatabaseMetric.connections.rawValue)
    private let waits = Counter(label: DatabaseMetric.waits.rawValue)

    /// The numbers so far.
    public var now: Snapshot { snapshot.withLock { $0 } }

    func commit() {
        snapshot.withLock { $0.commits += 1 }
        commits.increment()
    }

    func roundTrip() {
        snapshot.withLock { $0.roundTrips += 1 }
        roundTrips.increment()
    }

    func retry(_ kind: PostgresFailure.Kind) {
        snapshot.withLock { $0.retries += 1 }
        (kind == .conflict ? conflicts : losses).increment()
    }

    func connection() {
        snapshot.withLock { $0.connections += 1 }
        connections.increment()
    }

    func wait() {
        snapshot.withLock { $0.waits += 1 }
        waits.increment()
    }
}
