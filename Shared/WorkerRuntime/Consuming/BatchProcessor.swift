import AMQP
import Logging
import Telemetry

/// Handle → publish → confirm → ack, for one batch of one queue.
///
/// Nothing is acked before everything that follows from it is confirmed. A group is handled once;
/// what of its messages is not confirmed is published again, with growing waits, until it is or the
/// service stops: then what is held goes back to its queue. A copy that nobody takes, as where the
/// dead letters are full, holds neither its neighbours nor the messages behind it.
struct BatchProcessor: Sendable {
    let queue: String
    var handler: any BatchHandler
    let publisher: any MessagePublisher
    let failures: FailureMessages
    let logger: Logger
    /// Nil: the queue has no bundles, and what says that it is one is for the handler to refuse.
    var bundles: BundleOpening?
    /// Messages handled together, at most; a bundle more where its items make the difference.
    var mostTogether = Int.max
    /// Nil: nobody looks at it.
    var load: QueueLoad?
    var seclusion = Seclusion()
    /// What is on trial is put there, and not handled.
    var trials = Trials()
    var now: @Sendable () -> WallTime = { .now() }

    /// Work that goes on beside the next batches: it has at least one delivery unacked, so that the
    /// prefetch bounds how many there are.
    typealias Aside = @Sendable (_ work: @escaping @Sendable () async -> Void) -> Void

    /// Fresh messages are handled together. One that came back is handled alone after them, and
    /// settled before the next, in another order each time; one that came back too often is a suspect
    /// and waits for its trial (``Suspicion``, ``Trials``).
    func process(
        _ batch: some ConsumedBatch, suspects: (Suspects.Suspect) -> Void, aside: @escaping Aside
    ) async {
        let work = load?.begin(batch.deliveries)
        defer { if let work { load?.end(work) } }
        let batch = OpenedBatch(batch)
        await takeApart(batch, aside)
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
            if await open(delivery, of: batch, into: &fresh, aside) {
                if fresh.count >= mostTogether {
                    await settle(fresh, of: batch, aside)
                    fresh = []
                }
                continue
            }
            let incoming = Incoming(delivery, queue: queue, names: failures.names)
            switch Suspicion(incoming, names: failures.names) {
            case .none: fresh.append(incoming)
            case .unclear: seenBefore.append(incoming)
            case .convicted(let crashes):
                aside { await putOff(incoming, crashes: crashes, of: batch, aside) }
            case .suspect(let crashes):
                suspects(
                    Suspects.Suspect(crashes: crashes) { toTrial in
                        await putOff(
                            incoming, crashes: crashes, toTrial: toTrial, of: batch, aside)
                    })
            case .onTrial(let crashes):
                trials.add(
                    Trials.Trial(
                        queue: queue, crashes: crashes,
                        hold: { await settle([incoming], of: batch, isSuspected: true, aside) },
                        postpone: {
                            await putOff(incoming, crashes: crashes, of: batch, aside)
                        }))
            }
        }
        if !fresh.isEmpty { await settle(fresh, of: batch, aside) }
        if !seenBefore.isEmpty { await trials.postpone() }
        for incoming in seenBefore.shuffled() {
            await settle([incoming], of: batch, isSuspected: true, aside)
        }
    }

    /// What came of one publishing.
    private enum Attempt {
        case published
        /// To be tried again, for that reason.
        case held(String)
        /// Something is no AMQP message: trying again does not help.
        case unpublishable(String)
    }

    func settle(
        _ group: [Incoming], of batch: some ConsumedBatch, isSuspected: Bool = false,
        _ aside: @escaping Aside
    ) async {
        guard let handled = await handle(group, of: batch, isSuspected) else { return }
        var plan = SettlementPlan(group, handled, failures: failures, at: now())
        var hold = Hold(queue: queue, logger: logger)
        defer { hold.end() }
        attempts: while true {
            switch await attempt(&plan) {
            case .unpublishable(let reason) where !plan.messages.isEmpty:
                return await giveUp(group, of: batch, aside, reason)
            case .held(let reason) where !plan.messages.isEmpty:
                guard await hold.pause(plan.unsettled.count, because: reason) else {
                    return await giveBack(plan, of: batch)
                }
                // Delivered anew by now: going on would only do it twice.
                guard batch.isCurrent else { return }
            case .published, .held, .unpublishable:
                break attempts
            }
        }
        do {
            try await handled.afterConfirm?(plan.refused)
        } catch {
            say(.info, "what follows the confirms failed", "\(error)")
        }
        await settle(&plan, of: batch)
        for copy in plan.copies { aside { await carryOn(copy, of: batch) } }
    }

    /// Nil where it is not handled: the broker delivers it again.
    private func handle(
        _ group: [Incoming], of batch: some ConsumedBatch, _ isSuspected: Bool
    ) async -> Handled? {
        // Only a cancellation is thrown.
        guard isSuspected else { return try? await handler.handle(group) }
        return await seclusion.alone {
            batch.isCurrent ? try? await handler.handle(group) : nil
        }
    }

    /// Sends a suspect through the delay queue, so that it is neither held nor counted here.
    private func putOff(
        _ incoming: Incoming, crashes: Int, toTrial: Bool = false, of batch: some ConsumedBatch,
        _ aside: @escaping Aside
    ) async {
        // Delivered anew by now: this would be a second copy.
        guard batch.isCurrent else { return }
        switch failures.putOff(incoming, crashes: crashes, toTrial: toTrial, at: now()) {
        case .publish(let message):
            let copy = (message, incoming.delivery)
            guard await send(copy, of: batch) != nil else { return }
            aside { await carryOn(copy, of: batch) }
        case .rejectToDeadLetters: await batch.reject(incoming.delivery, requeue: false)
        }
    }

    /// Publishes a copy again until it is taken.
    private func carryOn(_ copy: SettlementPlan.Copy, of batch: some ConsumedBatch) async {
        var hold = Hold(queue: queue, logger: logger)
        defer { hold.end() }
        while let reason = await send(copy, of: batch) {
            guard await hold.pause(1, because: reason) else {
                return await giveBack(SettlementPlan(copy), of: batch)
            }
            guard batch.isCurrent else { return }
        }
    }

    /// Publishes a copy, and settles its original where it is taken.
    /// - Returns: why it is to be tried again, nil where it is not.
    private func send(_ copy: SettlementPlan.Copy, of batch: some ConsumedBatch) async -> String? {
        await seclusion.copying {
            var plan = SettlementPlan(copy)
            switch await attempt(&plan) {
            case .held(let reason): return reason
            case .published: await settle(&plan, of: batch)
            case .unpublishable(let reason):
                say(.warning, "rejected to the dead-letter exchange: no copy can be made", reason)
                await batch.reject(copy.delivery, requeue: false)
            }
            return nil
        }
    }

    private func attempt(_ plan: inout SettlementPlan) async -> Attempt {
        let burst = plan.burst
        if burst.isEmpty { return .published }
        do {
            return plan.note(try await publisher.publish(burst)).map(Attempt.held) ?? .published
        } catch let error as AMQPError where error.code == .invalidMessage {
            return .unpublishable(error.message)
        } catch {
            return .held("publishing failed: \(error)")
        }
    }

    private func settle(_ plan: inout SettlementPlan, of batch: some ConsumedBatch) async {
        // Torn down: the connection goes, and settling would race with its end.
        if Task.isCancelled { return }
        seclusion.noteSettlement()
        let (acked, rejected) = plan.takeSettled()
        if !acked.isEmpty { await batch.ack(acked) }
        for delivery in rejected { await batch.reject(delivery, requeue: false) }
    }

    private func giveBack(_ plan: SettlementPlan, of batch: some ConsumedBatch) async {
        if Task.isCancelled { return }
        for delivery in plan.unsettled { await batch.reject(delivery, requeue: true) }
    }

    /// Finds the message at fault by handling each alone; that one is retried as a failure. It ends
    /// there, since nothing follows from a failure but the message's own copy.
    private func giveUp(
        _ group: [Incoming], of batch: some ConsumedBatch, _ aside: @escaping Aside,
        _ reason: String
    ) async {
        guard group.count == 1 else {
            for incoming in group { await settle([incoming], of: batch, aside) }
            return
        }
        say(.warning, "what follows from a message cannot be published", reason)
        let failing = BatchProcessor(
            queue: queue,
            handler: FailingHandler(detail: "What follows from it cannot be written as AMQP."),
            publisher: publisher, failures: failures, logger: logger, now: now)
        await failing.settle(group, of: batch, aside)
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
