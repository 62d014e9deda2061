import AMQP
import Logging
import ServiceLifecycle
import WorkerRuntime

/// Does what jobs are to do: one after the other in turns, each at its own pace, and in one instance
/// of several, which keeps a job's rate what it is.
struct JobRunner: Service {
    /// Without anything to do, until a job is started.
    static let idle: Duration = .milliseconds(500)

    let steps: JobSteps
    let preparation: JobPreparation
    let publisher: any MessagePublisher
    let lease: Lease
    let wake: SweeperWake
    let logger: Logger

    /// Works until graceful shutdown; a step under way is finished.
    func run() async throws {
        var paces: [Int64: Pace] = [:]
        var pauses = Pauses(logger: logger)
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            var wait = Self.idle
            do {
                var jobs = try await steps.active()
                if !jobs.isEmpty, try await !lease.hold() { jobs = [] }
                pauses.works(0)
                for job in jobs {
                    guard pauses.isDue(job.id) else { continue }
                    do {
                        wait = min(wait, try await turn(job, &paces))
                        pauses.works(job.id)
                    } catch {
                        wait = min(wait, pauses.fails(job.id, error))
                    }
                }
            } catch {
                wait = min(wait, pauses.fails(0, error))
            }
            guard wait > .zero else { continue }
            let time = wait
            await cancelWhenGracefulShutdown { await wake.wait(atMost: time) }
        }
        // Where that fails, the lease ends by itself.
        try? await lease.release()
    }

    /// One turn of one job; when the next is due.
    private func turn(_ job: Job, _ paces: inout [Int64: Pace]) async throws -> Duration {
        switch (job.state, job.action) {
        case (.preparing, _):
            _ = try await preparation.advance(job.id)
            return .zero
        case (.cancelled, _):
            if job.counts.waiting > 0 { try await steps.leave(job) }
            if job.counts.sending > 0 { try await resume(job) }
            return Pace.interval
        case (_, .replay):
            return try await replay(job, &paces)
        default:
            if job.counts.waiting > 0 {
                try await steps.apply(job)
            } else {
                try await steps.finish(job.id)
            }
            return .zero
        }
    }

    private func replay(_ job: Job, _ paces: inout [Int64: Pace]) async throws -> Duration {
        guard !job.counts.isOver else {
            paces[job.id] = nil
            try await steps.finish(job.id)
            return .zero
        }
        var pace = paces[job.id] ?? Pace(rate: job.rate, at: .now)
        defer { paces[job.id] = pace }
        let allowed = pace.allowance(at: .now)
        guard allowed > 0 else { return pace.pause(at: .now) }
        var sendings: [JobSteps.Sending] = []
        if job.counts.sending > 0 { sendings = try await steps.underWay(job, limit: allowed) }
        if sendings.isEmpty { sendings = try await steps.claim(job, limit: allowed) }
        pace.note(sent: sendings.count)
        try await send(sendings, of: job)
        return pace.pause(at: .now)
    }

    private func resume(_ job: Job) async throws {
        try await send(try await steps.underWay(job, limit: Pace.maximumBurst), of: job)
    }

    private func send(_ sendings: [JobSteps.Sending], of job: Job) async throws {
        guard !sendings.isEmpty else { return }
        let outcomes: [PublishOutcome]
        do {
            outcomes = try await publisher.publish(sendings.map(\.message))
        } catch let error as AMQPError where error.code.isOfOneMessage {
            return try await alone(sendings, of: job, error)
        }
        var taken: [Int64] = []
        var refused: [(record: Int64, problem: String)] = []
        var isHeld = false
        for (sending, outcome) in zip(sendings, outcomes) {
            switch outcome {
            case .confirmed: taken.append(sending.record.id)
            case .returned(let code, let text):
                refused.append(
                    (
                        sending.record.id,
                        "No queue takes it under \(sending.message.exchange)/"
                            + "\(sending.message.routingKey): \(code) \(text)"
                    ))
            case .nacked, .unconfirmed: isHeld = true
            }
        }
        try await steps.note(job, taken: taken, refused: refused)
        if isHeld {
            throw JobHeld(
                "The broker did not take everything that job \(job.id) sends; a queue is full, or "
                    + "the connection fell. It is sent again.")
        }
    }

    /// Something is no AMQP message, or the exchange refuses it: which one is found by sending each
    /// alone.
    private func alone(
        _ sendings: [JobSteps.Sending], of job: Job, _ error: AMQPError
    ) async throws {
        guard sendings.count == 1, let only = sendings.first else {
            for sending in sendings { try await send([sending], of: job) }
            return
        }
        try await steps.note(job, taken: [], refused: [(only.record.id, error.message)])
    }
}

/// Growing pauses of what fails, each said once.
private struct Pauses {
    static let first: Duration = .milliseconds(200)
    static let longest: Duration = .seconds(5)

    private struct Failure {
        var sentence: String
        var pause = Pauses.first
        var until = ContinuousClock.now
    }

    let logger: Logger
    private var failures: [Int64: Failure] = [:]

    init(logger: Logger) { self.logger = logger }

    func isDue(_ job: Int64) -> Bool { failures[job].map { $0.until <= .now } ?? true }

    mutating func works(_ job: Int64) {
        guard failures.removeValue(forKey: job) != nil else { return }
        logger.info("a job goes on", metadata: ["job": "\(job)"])
    }

    mutating func fails(_ job: Int64, _ error: any Error) -> Duration {
        var failure = failures[job] ?? Failure(sentence: "")
        if failure.sentence != "\(error)" {
            logger.warning(
                "a job stands still", metadata: ["job": "\(job)", "error": "\(error)"])
        }
        failure.sentence = "\(error)"
        failure.until = .now + failure.pause
        defer { failures[job] = failure }
        failure.pause = min(failure.pause * 2, Self.longest)
        return failure.until - .now
    }
}

/// Why a job waits.
struct JobHeld: Error, CustomStringConvertible {
    let description: String
    init(_ sentence: String) { description = sentence }
}

extension AMQPError.Code {
    /// Whether it says something of a message rather than of the broker.
    fileprivate var isOfOneMessage: Bool {
        switch self {
        case .invalidMessage, .notFound, .accessRefused: true
        default: false
        }
    }
}
