import RefundMessages

/// Waits, by asking the API again and again, for an outcome that no longer changes by itself.
struct OutcomeWait {
    /// The longest wait: a day.
    static let maxSeconds = 86_400
    /// Between two questions: 200 ms.
    static let interval: Duration = .milliseconds(200)

    let api: APIClient
    let seconds: Int
    let progress: Progress
    /// Outcomes up to this revision are already known, and not what is waited for.
    var afterRevision: Int64 = 0

    /// The outcome, as published and as decoded. Throws `timedOut`.
    func outcome(
        of requestID: String
    ) async throws -> (bytes: [UInt8], outcome: RefundOutcome) {
        let start = ContinuousClock.now
        let limit: Duration = .seconds(seconds)
        var state = "not known yet"
        defer { progress.end() }
        while ContinuousClock.now - start < limit {
            if let (bytes, root) = try await api.json(["requests", requestID]) {
                if let outcome = try? RefundOutcome.decode(bytes) {
                    state = outcome.status.rawValue
                    if outcome.revision > afterRevision, outcome.status != .settling {
                        return (bytes, outcome)
                    }
                } else {
                    state = (try? root["state"].text()) ?? state
                }
            }
            let elapsed = (ContinuousClock.now - start) / limit
            progress.show("\(requestID): \(state)", fraction: elapsed)
            try await Task.sleep(for: Self.interval)
        }
        throw CommandFailure(
            .timedOut,
            "no outcome of \(requestID) within \(seconds) s (\(state)); a message that could not be "
                + "accepted is a dead letter: refundctl dead-letters count")
    }
}
