import Logging
import Metrics
import ServiceLifecycle

/// The tries of one plan that cannot be published: growing waits between them, one line in the log
/// for each change of the reason, and the deliveries counted while they are held.
struct Hold {
    private let logger: Logger
    private let queue: String
    private let gauge: Meter
    private var backoff = Backoff()
    private var reason: String?
    private var counted = 0

    init(
        queue: String, logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.queue = queue
        self.logger = logger
        gauge = Meter(
            label: "worker_held_messages", dimensions: [("queue", queue)], factory: metrics)
    }

    /// Waits before the next try; false when there is none, since the service stops.
    mutating func pause(_ deliveries: Int, because why: String) async -> Bool {
        count(deliveries)
        if why != reason { say(.warning, "messages held until they can be published", why) }
        reason = why
        let delay = backoff.delay()
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: delay) }
        return !Task.isCancelled && !Task.isShuttingDownGracefully
    }

    /// Ends it: nothing is held any more.
    mutating func end() {
        count(0)
        guard reason != nil, !Task.isCancelled, !Task.isShuttingDownGracefully else { return }
        say(.info, "messages that were held are done", "")
    }

    private mutating func count(_ deliveries: Int) {
        guard deliveries != counted else { return }
        gauge.increment(by: Double(deliveries - counted))
        counted = deliveries
    }

    private func say(_ level: Logger.Level, _ message: Logger.Message, _ reason: String) {
        logger.log(level: level, message, metadata: ["queue": "\(queue)", "reason": "\(reason)"])
    }
}
