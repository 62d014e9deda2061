import AMQP
import RefundMessages

/// Publishes a sample set phase by phase and gathers the last outcome of each request.
actor SampleRun {
    /// For what a phase waits at most: 90 s. The longest ordinary wait is the settlement's, of a
    /// provider that never answers.
    static let phaseTimeout: Duration = .seconds(90)
    /// For the dead letters of the last phase: 15 s.
    static let deadLetterTimeout: Duration = .seconds(15)
    private static let interval: Duration = .milliseconds(50)

    private let samples: SampleSet
    private let broker: Broker
    /// Nil where no dead-letter service drains the queue.
    private let deadLetters: DeadLetterAPI?
    private let console: Console
    private let progress: Progress
    private(set) var outcomes: [String: RefundOutcome] = [:]

    init(
        _ samples: SampleSet, _ broker: Broker, _ deadLetters: DeadLetterAPI?, _ console: Console
    ) {
        self.samples = samples
        self.broker = broker
        self.deadLetters = deadLetters
        self.console = console
        progress = Progress(console)
    }

    /// Everything that is otherwise than expected.
    func run() async throws -> [String] {
        let known = Set(samples.expected.outcomes.map(\.requestID))
        let stream = try await OutcomeStream(broker, bindingKey: "#")
        let listening = Task {
            await stream.forEach { body in
                guard let outcome = try? RefundOutcome.decode(body),
                    known.contains(outcome.requestID)
                else { return }
                await self.receive(outcome)
            }
        }
        defer { listening.cancel() }
        let deadLettersBefore = try await deadLetterCount()
        for (index, phase) in samples.phases.enumerated() {
            try await publish(phase)
            let published = samples.requestIDs(inFirst: index + 1)
            if phase.hasRequests {
                try await wait(for: published, "answered", isResting)
            } else {
                try await wait(for: published, "as expected", isAsExpected)
            }
        }
        try await wait(for: known, "as expected", isAsExpected)
        progress.end()
        return differences() + (try await deadLetterDifferences(since: deadLettersBefore))
    }

    private func receive(_ outcome: RefundOutcome) {
        guard outcome.revision >= outcomes[outcome.requestID]?.revision ?? 0 else { return }
        outcomes[outcome.requestID] = outcome
    }

    private func publish(_ phase: SampleSet.Phase) async throws {
        let size = FilePublisher.maxBatchMessages
        for start in stride(from: 0, to: phase.lines.count, by: size) {
            let batch = phase.lines[start..<min(start + size, phase.lines.count)]
            try await BrokerSession.publish(Array(batch), over: broker)
        }
        progress.end()
        if !console.json { console.line("    \(phase.name): \(phase.lines.count) published") }
    }

    /// An outcome that does not change by itself any more, but for a late failure.
    private func isResting(_ requestID: String) -> Bool {
        outcomes[requestID].map { $0.status != .settling } ?? false
    }

    private func isAsExpected(_ requestID: String) -> Bool {
        samples.expected.outcomes.filter { $0.requestID == requestID }
            .allSatisfy { $0.differences(from: outcomes[requestID]).isEmpty }
    }

    /// Until it holds for all, or the time is up: what is missing then is told at the end.
    private func wait(
        for requestIDs: Set<String>, _ what: String, _ holds: (String) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + Self.phaseTimeout
        while ContinuousClock.now < deadline {
            let count = requestIDs.count(where: holds)
            if count == requestIDs.count { return }
            progress.show(
                "\(count) of \(requestIDs.count) \(what)",
                fraction: Double(count) / Double(requestIDs.count))
            try await Task.sleep(for: Self.interval)
        }
    }

    private func differences() -> [String] {
        samples.expected.outcomes.flatMap { expectation in
            expectation.differences(from: outcomes[expectation.requestID]).map {
                "\(expectation.requestID): \($0)"
            }
        }
    }

    /// In the queue, and in the store that it is drained into.
    private func deadLetterCount() async throws -> Int64 {
        let waiting = try await broker.topology().checkQueue(DeadLettersCommand.queue).messages
        let stored = try await deadLetters?.get(["summary"])?.root["total"].integer() ?? 0
        return Int64(waiting) + stored
    }

    private func deadLetterDifferences(since before: Int64) async throws -> [String] {
        let expected = samples.expected.deadLetters
        let deadline = ContinuousClock.now + Self.deadLetterTimeout
        var found = try await deadLetterCount() - before
        while found < expected, ContinuousClock.now < deadline {
            try await Task.sleep(for: Self.interval)
            found = try await deadLetterCount() - before
        }
        if !console.json { console.line("    \(found) dead letters") }
        return found == expected ? [] : ["\(found) dead letters, expected \(expected)"]
    }
}
