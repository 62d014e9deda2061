import Dispatch
import Foundation
import Synchronization

/// Threads that own a connection each. Callers hand them transactions and never block.
final class PostgresPool: Sendable {
    /// A transaction that waits for its turn.
    struct Job: Sendable {
        /// Does it; what is returned tells the caller.
        let run: @Sendable (PostgresSession) -> @Sendable () -> Void
        /// Tells the caller that it was never run.
        let abandon: @Sendable (DatabaseError) -> Void
    }

    private struct State {
        var pool: PoolState<Job>
        var alarms: [Int: DispatchSemaphore] = [:]
        var isTimed = false
        var whenEnded: [CheckedContinuation<Void, Never>] = []
    }

    let options: PostgresOptions
    let counts = PostgresCounts()
    private let uri: PostgresURI
    private let state: Mutex<State>
    private let timer = DispatchQueue(label: "refund.database.pool")

    init(_ uri: PostgresURI, _ options: PostgresOptions) {
        self.uri = uri
        self.options = options
        state = Mutex(State(pool: PoolState(limit: options.connections)))
    }

    /// Runs the job on the next connection that is free, or abandons it at the deadline.
    func submit(_ job: Job, until deadline: ContinuousClock.Instant) {
        let submission = state.withLock { $0.pool.submit(job, until: deadline) }
        switch submission {
        case .wake(let worker): wake(worker)
        case .start(let worker): start(worker)
        case .handOver: break
        case .wait:
            counts.wait()
            expireInTime()
        case .refuse: job.abandon(.isClosed)
        }
    }

    /// Takes no more jobs, and returns once those that are in are done.
    func close() async {
        await withCheckedContinuation { continuation in
            let (idle, isEnded) = state.withLock { state in
                let idle = state.pool.close()
                if !state.pool.isEnded { state.whenEnded.append(continuation) }
                return (idle, state.pool.isEnded)
            }
            for worker in idle { wake(worker) }
            if isEnded { continuation.resume() }
        }
    }

    private func wake(_ worker: Int) {
        state.withLock { $0.alarms[worker] }?.signal()
    }

    private func start(_ worker: Int) {
        let alarm = DispatchSemaphore(value: 0)
        state.withLock { $0.alarms[worker] = alarm }
        let thread = Thread { [self] in
            work(worker, alarm)
            let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                state.alarms[worker] = nil
                guard state.pool.isEnded, state.alarms.isEmpty else { return [] }
                defer { state.whenEnded = [] }
                return state.whenEnded
            }
            for continuation in waiting { continuation.resume() }
        }
        thread.name = "postgres-\(worker)"
        thread.start()
    }

    private func work(_ worker: Int, _ alarm: DispatchSemaphore) {
        let session = PostgresSession(uri, options, counts)
        let idleTime = DispatchTimeInterval.milliseconds(
            Int(PostgresLimits.idleTime / .milliseconds(1)))
        var isFinishing = false
        while true {
            let turn = state.withLock { $0.pool.next(worker, isFinishing: isFinishing) }
            isFinishing = false
            switch turn {
            case .work(let job):
                let tell = job.run(session)
                state.withLock { $0.pool.finish() }
                isFinishing = true
                tell()
            case .end: return
            case .sleep:
                guard alarm.wait(timeout: .now() + idleTime) == .timedOut else { continue }
                if state.withLock({ $0.pool.expire(worker) }) { return }
                // Woken in the moment in which it gave up: the signal is there, or is about to be.
                alarm.wait()
            }
        }
    }

    /// One timer for the first job that waits, not one for each.
    private func expireInTime() {
        let deadline = state.withLock { state -> ContinuousClock.Instant? in
            guard !state.isTimed, let deadline = state.pool.nextDeadline else { return nil }
            state.isTimed = true
            return deadline
        }
        guard let deadline else { return }
        let left = max(.zero, ContinuousClock.now.duration(to: deadline))
        timer.asyncAfter(deadline: .now() + .milliseconds(Int(left / .milliseconds(1)) + 1)) {
            [weak self] in self?.expire()
        }
    }

    private func expire() {
        let overdue = state.withLock { state in
            state.isTimed = false
            return state.pool.overdue(.now)
        }
        for job in overdue {
            job.abandon(
                DatabaseError(
                    .unavailable,
                    "All \(options.connections) connections to PostgreSQL were busy for "
                        + "\(options.waitTimeout)."))
        }
        expireInTime()
    }
}
