import Metrics

/// Counts messages by what became of them, and measures batches.
struct MeteringHandler: BatchHandler {
    let base: any BatchHandler

    private let done: Counter
    private let retried: Counter
    private let waiting: Counter
    private let deadLettered: Counter
    private let seconds: Timer
    private let batchSize: Recorder

    init(_ base: any BatchHandler, queue: String) {
        self.base = base
        let counter = { (disposition: String) in
            Counter(
                label: "worker_messages_handled_total",
                dimensions: [("queue", queue), ("disposition", disposition)])
        }
        done = counter("done")
        retried = counter("retry")
        waiting = counter("wait")
        deadLettered = counter("dead_letter")
        seconds = Timer(label: "worker_handling_seconds", dimensions: [("queue", queue)])
        batchSize = Recorder(label: "worker_batch_messages", dimensions: [("queue", queue)])
    }

    func handle(_ batch: [Incoming]) async throws -> Handled {
        let start = ContinuousClock.now
        let handled = try await base.handle(batch)
        seconds.record(duration: .now - start)
        batchSize.record(batch.count)
        for disposition in handled.dispositions {
            switch disposition {
            case .done: done.increment()
            case .retry: retried.increment()
            case .wait: waiting.increment()
            case .deadLetter: deadLettered.increment()
            }
        }
        return handled
    }
}
