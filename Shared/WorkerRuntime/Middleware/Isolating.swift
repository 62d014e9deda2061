import Logging

/// Turns a throw into dispositions: a batch that fails is handled message by message, and those that
/// still fail are retried. Only a cancellation is thrown on.
struct IsolatingHandler: BatchHandler {
    let base: any BatchHandler
    let logger: Logger

    func handle(_ batch: [Incoming]) async throws -> Handled {
        do {
            return try await checked(batch)
        } catch {
            try Task.checkCancellation()
            guard batch.count > 1 else { return failed(batch, error) }
            logger.info(
                "a batch failed and is handled message by message",
                metadata: ["messages": "\(batch.count)", "error": "\(error)"])
        }
        var all = Handled(dispositions: [])
        var afterConfirm: [@Sendable () async throws -> Void] = []
        for incoming in batch {
            let handled = try await alone(incoming)
            all.dispositions += handled.dispositions
            all.messages += handled.messages
            if let action = handled.afterConfirm { afterConfirm.append(action) }
        }
        if !afterConfirm.isEmpty {
            let actions = afterConfirm
            all.afterConfirm = { for action in actions { try await action() } }
        }
        return all
    }

    private func alone(_ incoming: Incoming) async throws -> Handled {
        do {
            return try await checked([incoming])
        } catch {
            try Task.checkCancellation()
            return failed([incoming], error)
        }
    }

    private func checked(_ batch: [Incoming]) async throws -> Handled {
        let handled = try await base.handle(batch)
        precondition(
            handled.dispositions.count == batch.count,
            "a handler returned \(handled.dispositions.count) dispositions for \(batch.count)")
        return handled
    }

    /// The error's text goes to the log; a message header gets only its type, since a text may
    /// quote the body.
    private func failed(_ batch: [Incoming], _ error: any Error) -> Handled {
        logger.info("a message failed and will be retried", metadata: ["error": "\(error)"])
        let detail = "Handling failed with \(type(of: error)); the log says more."
        return Handled(dispositions: batch.map { _ in .retry(detail: detail) })
    }
}
