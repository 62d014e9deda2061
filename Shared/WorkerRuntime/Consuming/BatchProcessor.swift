import AMQP
import Logging
import ServiceLifecycle
import Telemetry

/// Handle → publish → confirm → ack, for one batch of one queue.
///
/// Nothing is acked before everything that follows from it is confirmed. Where that fails, the group
/// is held and handled again, with growing waits, until it works or the service stops: then it goes
/// back to its queue.
struct BatchProcessor: Sendable {
    let queue: String
    let handler: any BatchHandler
    let publisher: any MessagePublisher
    let failures: FailureMessages
    let logger: Logger
    var now: @Sendable () -> WallTime = { .now() }

    /// Messages seen before are handled one at a time, after the others: one that crashes the
    /// process takes no neighbour along.
    func process(_ batch: some ConsumedBatch) async {
        var fresh: [Incoming] = []
        var seenBefore: [Incoming] = []
        for delivery in batch.deliveries {
            guard delivery.headersAreComplete else {
                logger.info(
                    "headers nested too deep: rejected to the dead-letter exchange",
                    metadata: ["queue": "\(queue)"])
                await batch.reject(delivery, requeue: false)
                continue
            }
            let incoming = Incoming(delivery, queue: queue, names: failures.names)
            if delivery.redelivered { seenBefore.append(incoming) } else { fresh.append(incoming) }
        }
        if !fresh.isEmpty { await settle(fresh, of: batch) }
        for incoming in seenBefore { await settle([incoming], of: batch) }
    }

    private func settle(_ group: [Incoming], of batch: some ConsumedBatch) async {
        var backoff = Backoff()
        var held: String?
        while true {
            guard let reason = await attempt(group, of: batch) else {
                if held != nil { say(.info, "the batch held is done", "") }
                return
            }
            if reason != held { say(.warning, "batch held until it can be published", reason) }
            held = reason
            let delay = backoff.delay()
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: delay) }
            if Task.isCancelled { return }
            if Task.isShuttingDownGracefully {
                for incoming in group { await batch.reject(incoming.delivery, requeue: true) }
                return
            }
        }
    }

    /// One try; nil when the group is settled (or the service is being torn down, so that the broker
    /// delivers it again), else why it is not.
    private func attempt(_ group: [Incoming], of batch: some ConsumedBatch) async -> String? {
        let plan: SettlementPlan
        let afterConfirm: (@Sendable () async throws -> Void)?
        do {
            let handled = try await handler.handle(group)
            plan = SettlementPlan(group, handled, failures: failures, at: now())
            afterConfirm = handled.afterConfirm
        } catch {
            return nil
        }
        if !plan.messages.isEmpty {
            do {
                let outcomes = try await publisher.publish(plan.messages)
                if let reason = plan.hold(outcomes) { return reason }
            } catch {
                return "publishing failed: \(error)"
            }
        }
        do {
            try await afterConfirm?()
        } catch {
            say(.info, "what follows the confirms failed", "\(error)")
        }
        await batch.ack(plan.acked)
        for delivery in plan.rejected { await batch.reject(delivery, requeue: false) }
        return nil
    }

    private func say(_ level: Logger.Level, _ message: Logger.Message, _ reason: String) {
        logger.log(level: level, message, metadata: ["queue": "\(queue)", "reason": "\(reason)"])
    }
}
