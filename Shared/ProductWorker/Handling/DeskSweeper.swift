import AMQP
import Database
import RefundMessages
import RefundService
import WorkerRuntime

/// What is due by time: checks whose wait for usage documents is over, results whose publishing was
/// not confirmed, finished cases that can be forgotten.
struct DeskSweeper: Sendable {
    /// Orders taken up at once.
    static let batch: Int64 = 200

    let context: WorkerContext
    let publisher: any MessagePublisher

    /// Does all that is due now.
    func sweep() async throws {
        while try await sweepOnce() {}
    }

    /// One batch; returns whether there may be more.
    private func sweepOnce() async throws -> Bool {
        let now = context.clock()
        let (orders, forgets) = try await context.database.read { connection in
            let orders = try connection.query(
                "SELECT order_id FROM orders WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2",
                [.integer(now.milliseconds), .integer(Self.batch)])
            return (
                try orders.map { try $0.text(0) },
                try FinishedCases(connection: connection).hasForgettable(now: now)
            )
        }
        if forgets {
            try await context.database.write { connection in
                try FinishedCases(connection: connection).forget(now: now)
            }
        }
        let results = try await wake(orders, now: now)
        if !results.isEmpty {
            let outcomes = try await publisher.publish(results.map { $0.message(now: now) })
            let confirmed = zip(results, outcomes).filter { $1 == .confirmed }.map { $0.0 }
            if !confirmed.isEmpty { try await context.confirm(confirmed) }
        }
        return !results.isEmpty && orders.count == Int(Self.batch)
    }

    private func wake(_ orders: [String], now: Instant) async throws -> [LateResult] {
        guard !orders.isEmpty else { return [] }
        let rules = context.rules
        return try await context.withDesks(of: orders) { session, store in
            let waiting = orders.flatMap { session[$0].checks.filter { $0.due != nil } }
            let facts = try store.load(waiting.flatMap(\.check.lineKeys))
            return orders.flatMap { order in
                session.update(order) {
                    $0.wake(by: rules, facts: facts[order] ?? [:], now: now)
                }
            }
        }
    }
}
