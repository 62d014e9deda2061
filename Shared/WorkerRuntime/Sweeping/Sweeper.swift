public import Logging
public import ServiceLifecycle

/// Calls a closure again and again, for what is due by time rather than by message.
///
/// Sweeps never overlap. A sweep that fails is logged when the failure begins, changes or ends, and
/// is simply tried at the next interval.
public struct Sweeper: Service {
    /// Each pause is up to this fraction longer, so that instances do not sweep in step.
    static let jitter = 0.2

    private let name: String
    private let interval: Duration
    private let logger: Logger
    private let wake: SweeperWake
    private let sweep: @Sendable () async throws -> Void

    /// A sweeper of that interval, sooner when woken.
    public init(
        _ name: String, every interval: Duration = .milliseconds(250), logger: Logger,
        wake: SweeperWake = SweeperWake(), _ sweep: @escaping @Sendable () async throws -> Void
    ) {
        precondition(interval > .zero)
        self.name = name
        self.interval = interval
        self.logger = logger
        self.wake = wake
        self.sweep = sweep
    }

    /// Sweeps until graceful shutdown; a sweep under way is finished.
    public func run() async throws {
        var failure: String?
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                try await sweep()
                if failure != nil { say(.info, "sweep works again", nil) }
                failure = nil
            } catch is CancellationError where Task.isCancelled {
                return
            } catch {
                if failure != "\(error)" { say(.warning, "sweep fails", "\(error)") }
                failure = "\(error)"
            }
            let pause = interval * Double.random(in: 1...(1 + Self.jitter))
            await cancelWhenGracefulShutdown { await wake.wait(atMost: pause) }
        }
    }

    private func say(_ level: Logger.Level, _ message: Logger.Message, _ error: String?) {
        var metadata: Logger.Metadata = ["sweeper": "\(name)"]
        if let error { metadata["error"] = "\(error)" }
        logger.log(level: level, message, metadata: metadata)
    }
}
