import Logging

/// Turns a throw into dispositions: a batch that fails is handled message by message, and those that
/// still fail are retried. Only a cancellation is thrown on.
struct IsolatingHandler: BatchHandler {
    let base: any BatchHandler
    let logger: Logger

    /// Failures in a row after which the rest of a batch is put off untried: with the database away
    /// each try may take its whole busy time.
    static let mostFailuresInARow = 3

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
        var parts: [Handled] = []
        var failuresInARow = 0
        for incoming in batch {
            if failuresInARow >= Self.mostFailuresInARow {
                parts.append(putOff())
                continue
            }
            let (handled, isFailure) = try await alone(incoming)
            failuresInARow = isFailure ? failuresInARow + 1 : 0
            parts.append(handled)
        }
        return Handled(joining: parts)
    }

    private func alone(_ incoming: Incoming) async throws -> (Handled, isFailure: Bool) {
        do {
            return (try await checked([incoming]), false)
        } catch {
            try Task.checkCancellation()
            return (failed([incoming], error), true)
        }
    }

    private func putOff() -> Handled {
        Handled(dispositions: [.retry(detail: "Put off: those before it failed one after another.")]
        )
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

extension Handled {
    /// Several handlings as one: each part's `afterConfirm` is told the positions in its own messages.
    init(joining parts: [Handled]) {
        self.init(
            dispositions: parts.flatMap(\.dispositions), messages: parts.flatMap(\.messages))
        var actions: [(positions: Range<Int>, run: @Sendable (Set<Int>) async throws -> Void)] = []
        var start = 0
        for part in parts {
            let positions = start..<start + part.messages.count
            start = positions.upperBound
            if let action = part.afterConfirm { actions.append((positions, action)) }
        }
        guard !actions.isEmpty else { return }
        afterConfirm = { [actions] refused in
            for (positions, run) in actions {
                let own = refused.filter(positions.contains).map { $0 - positions.lowerBound }
                try await run(Set(own))
            }
        }
    }
}
