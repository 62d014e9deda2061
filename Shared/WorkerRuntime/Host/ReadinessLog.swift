import Logging
import Synchronization

/// Says in the log when the service becomes ready, and what it waits for until then.
enum ReadinessLog {
    /// Between two looks.
    static let interval: Duration = .milliseconds(500)

    static func sweeper(_ readiness: Readiness, _ logger: Logger) -> Sweeper {
        let last = Mutex<[String]?>(nil)
        return Sweeper("readiness", every: interval, logger: logger) {
            let missing = await readiness.missing()
            let isNews = last.withLock { known in
                defer { known = missing }
                return known != missing
            }
            guard isNews else { return }
            if missing.isEmpty {
                logger.info("ready")
            } else {
                logger.info(
                    "not ready yet", metadata: ["waiting_for": "\(missing.joined(separator: ", "))"]
                )
            }
        }
    }
}
