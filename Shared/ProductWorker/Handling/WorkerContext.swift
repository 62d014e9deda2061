import Database
import RefundMessages
import RefundService

/// What the handlers of one product worker share.
struct WorkerContext: Sendable {
    let rules: any ProductRules.Type
    let database: any Database
    /// How long a check waits for missing usage documents.
    let factsWait: Duration
    let clock: @Sendable () -> Instant

    var product: Product { rules.product }

    /// Runs `body` over the desks of those orders in one transaction and stores what it changed.
    ///
    /// - Important: `body` may run more than once.
    func withDesks<Result: Sendable>(
        of orders: [String],
        _ body: @escaping @Sendable (inout DeskSession, FactsStore) throws -> Result
    ) async throws -> Result {
        let product = product
        return try await database.transact { connection in
            var session = try DeskSession(connection, orders: orders)
            let result = try body(&session, FactsStore(connection: connection, product: product))
            try session.save()
            return result
        }
    }

    /// Notes that the broker has those results, so that the sweeper leaves them alone.
    func confirm(_ results: [LateResult]) async throws {
        try await withDesks(of: results.map(\.result.orderID)) { session, _ in
            for late in results {
                session.update(late.result.orderID) { $0.confirmed(late.result) }
            }
        }
    }
}
