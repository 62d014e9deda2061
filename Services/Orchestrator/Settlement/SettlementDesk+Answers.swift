import AMQP
import Logging
import RefundMessages
import Synchronization
import WorkerRuntime

extension SettlementDesk {
    /// Records what was answered, and publishes what follows; one sweep.
    func record() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var publishings = 0
            while true {
                let replies = takeReplies()
                guard !replies.isEmpty else { break }
                let handled = try await recorded(replies)
                if publishings == Self.publishings {
                    try await group.next()
                } else {
                    publishings += 1
                }
                group.addTask { try await self.publish(handled) }
            }
            try await group.waitForAll()
        }
    }

    private func takeReplies() -> [ProviderReply] {
        state.withLock { state in
            let batch = Array(state.replies.prefix(Self.batch))
            state.replies.removeFirst(batch.count)
            state.isLingering = false
            return batch
        }
    }

    /// - Throws: a passing failure, with the answers kept for the next sweep.
    private func recorded(_ replies: [ProviderReply]) async throws -> Handled {
        do {
            let handled = try await record(replies, limits: limits)
            end(replies)
            return handled
        } catch  where error.isPassing {
            state.withLock { $0.replies.insert(contentsOf: replies, at: 0) }
            throw error
        } catch  where replies.count > 1 {
            // One case that cannot be read must not keep the others open.
            for reply in replies { try await publish(try await recorded([reply])) }
        } catch {
            book.logger.error(
                "an answer cannot be recorded",
                metadata: [
                    "leg_id": .string(replies[0].call.refund.legID), "error": .string("\(error)"),
                ])
            end(replies)
        }
        return Handled(dispositions: [])
    }

    /// What is not confirmed the sweeper of cases sends again.
    private func publish(_ handled: Handled) async throws {
        let outcomes = try await publisher.publish(handled.messages)
        let refused = outcomes.indices.filter { outcomes[$0] != .confirmed }
        try await handled.afterConfirm?(Set(refused))
    }

    private func end(_ replies: [ProviderReply]) {
        let next = state.withLock { state in
            replies.compactMap { state.lanes.end($0.call) }
        }
        make(next)
        let idle = state.withLock { state in
            guard state.lanes.isIdle else { return nil as CheckedContinuation<Void, Never>? }
            defer { state.whenIdle = nil }
            return state.whenIdle
        }
        idle?.resume()
        wakeWaiting()
    }
}

extension ProviderAnswer? {
    /// As metrics name it.
    var name: String {
        switch self {
        case .succeeded: "succeeded"
        case .pending: "pending"
        case .requiresAction: "requires_action"
        case .failed: "failed"
        case .refused: "refused"
        case .contested: "contested"
        case .unknown: "unknown"
        case .notNow: "not_now"
        case .notFound: "not_found"
        case nil: "no_provider"
        }
    }
}
