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

    /// What came of one try.
    private enum Attempt {
        /// Done with the group, or the service is being torn down and the broker delivers it again.
        case settled
        /// To be tried again, for that reason.
        case held(String)
        /// What the handler wants published is no AMQP message: trying again does not help.
        case unpublishable(String)
    }

    private func settle(_ group: [Incoming], of batch: some ConsumedBatch) async {
        var backoff = Backoff()
        var known: String?
        while true {
            switch await attempt(group, of: batch) {
            case .settled:
                if known != nil { say(.info, "the batch that was held is done", "") }
                return
            case .unpublishable(let reason):
                return await giveUp(group, of: batch, reason)
            case .held(let reason):
                if reason != known { say(.warning, "batch held until it can be published", reason) }
                known = reason
            }
            let delay = backoff.delay()
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: delay) }
            if Task.isCancelled { return }
            if Task.isShuttingDownGracefully {
                for incoming in group { await batch.reject(incoming.delivery, requeue: true) }
                return
            }
        }
    }

    /// Finds the message at fault by handling each alone; that one is retried as a failure.
    private func giveUp(
        _ group: [Incoming], of batch: some ConsumedBatch, _ reason: String
    ) async {
        guard group.count == 1 else {
            for incoming in group { await settle([incoming], of: batch) }
            return
        }
        say(.warning, "what follows from a message cannot be published", reason)
        let failing = BatchProcessor(
            queue: queue,
            handler: FailingHandler(detail: "What follows from it cannot be written as AMQP."),
            publisher: publisher, failures: failures, logger: logger, now: now)
        await failing.settle(group, of: batch)
    }

    private func attempt(_ group: [Incoming], of batch: some ConsumedBatch) async -> Attempt {
        guard let handled = try? await handler.handle(group) else { return .settled }
        let plan = SettlementPlan(group, handled, failures: failures, at: now())
        var refused: Set<Int> = []
        if !plan.messages.isEmpty {
            do {
                let outcomes = try await publisher.publish(plan.messages)
                if let reason = plan.hold(outcomes) { return .held(reason) }
                refused = plan.refused(outcomes)
            } catch let error as AMQPError where error.code == .invalidMessage {
                return .unpublishable(error.message)
            } catch {
                return .held("publishing failed: \(error)")
            }
        }
        do {
            try await handled.afterConfirm?(refused)
        } catch {
            say(.info, "what follows the confirms failed", "\(error)")
        }
        // Torn down: the connection goes, and settling would race with its end.
        if Task.isCancelled { return .settled }
        await batch.ack(plan.acked)
        for delivery in plan.rejected { await batch.reject(delivery, requeue: false) }
        return .settled
    }

    private func say(_ level: Logger.Level, _ message: Logger.Message, _ reason: String) {
        logger.log(level: level, message, metadata: ["queue": "\(queue)", "reason": "\(reason)"])
    }
}

/// Has every message retried.
private struct FailingHandler: BatchHandler {
    let detail: String

    func handle(_ batch: [Incoming]) async throws -> Handled {
        Handled(dispositions: batch.map { _ in .retry(detail: detail) })
    }
}
