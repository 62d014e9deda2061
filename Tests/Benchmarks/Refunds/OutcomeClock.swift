import AMQP
import RefundMessages
import Synchronization

/// Listens to every outcome and notes when each request's final one arrived.
final class OutcomeClock: Sendable {
    struct Arrival: Sendable {
        var at: ContinuousClock.Instant
        var status: RefundOutcome.Status
    }

    private let arrivals = Mutex<[String: Arrival]>([:])

    func listen(_ consumer: Consumer) async {
        for await batch in consumer {
            let now = ContinuousClock.now
            let outcomes = batch.deliveries.compactMap { try? RefundOutcome.decode($0.body) }
            arrivals.withLock { arrivals in
                for outcome in outcomes where outcome.status.isFinal {
                    arrivals[outcome.requestID] =
                        arrivals[outcome.requestID] ?? Arrival(at: now, status: outcome.status)
                }
            }
            await batch.ack(batch.deliveries)
        }
    }

    /// Waits until that many requests of the run are answered.
    ///
    /// - Returns: their arrivals, by request id; fewer where the time ran out.
    func arrivals(
        of run: String, count: Int, within limit: Duration
    ) async throws -> [String: Arrival] {
        let end = ContinuousClock.now + limit
        while true {
            let found = arrivals.withLock { $0.filter { $0.key.hasPrefix("r-\(run)-") } }
            if found.count >= count || ContinuousClock.now > end { return found }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
