/// Who does what in a pool of workers (threads with a connection each): pure, so that every order of
/// events can be tried.
///
/// A worker that has been idle for the shortest time is woken first, so that the others get old and
/// end.
struct PoolState<Job> {
    /// One of the pool's threads.
    typealias Worker = Int

    enum Submission: Equatable {
        case wake(Worker)
        case start(Worker)
        /// A worker that has just done its job takes it at once.
        case handOver
        /// Every worker is busy.
        case wait
        case refuse
    }

    private let limit: Int
    private var jobs: [Entry] = []
    private var idle: [Worker] = []
    private var running: Set<Worker> = []
    /// Those that are done with a job and about to ask for the next. Without them a caller that goes
    /// on as soon as it has its answer would find nobody idle, and start a worker for each call.
    private var finishing = 0
    private var workers = 0
    private(set) var isClosed = false

    private struct Entry {
        let job: Job
        let deadline: ContinuousClock.Instant
    }

    init(limit: Int) { self.limit = limit }

    /// When the first job that waits gives up.
    var nextDeadline: ContinuousClock.Instant? { jobs.first?.deadline }

    /// No thread is left, and none will start.
    var isEnded: Bool { isClosed && running.isEmpty }

    mutating func submit(_ job: Job, until deadline: ContinuousClock.Instant) -> Submission {
        guard !isClosed else { return .refuse }
        jobs.append(Entry(job: job, deadline: deadline))
        if let worker = idle.popLast() { return .wake(worker) }
        guard jobs.count > finishing else { return .handOver }
        guard running.count < limit else { return .wait }
        workers += 1
        running.insert(workers)
        return .start(workers)
    }

    enum Turn {
        case work(Job)
        case sleep
        case end
    }

    /// A worker has done its job and tells the caller so before it asks for the next.
    mutating func finish() { finishing += 1 }

    /// What the worker does now.
    ///
    /// - Parameter isFinishing: whether it comes from a job.
    mutating func next(_ worker: Worker, isFinishing: Bool = false) -> Turn {
        precondition(running.contains(worker), "a worker that has ended asks for work")
        if isFinishing { finishing -= 1 }
        if !jobs.isEmpty { return .work(jobs.removeFirst().job) }
        guard !isClosed else {
            running.remove(worker)
            return .end
        }
        idle.append(worker)
        return .sleep
    }

    /// The worker has slept for long enough: it ends, unless it was woken in this very moment.
    mutating func expire(_ worker: Worker) -> Bool {
        guard let index = idle.firstIndex(of: worker) else { return false }
        idle.remove(at: index)
        running.remove(worker)
        return true
    }

    /// Jobs that have waited for too long.
    mutating func overdue(_ now: ContinuousClock.Instant) -> [Job] {
        let count = jobs.prefix { $0.deadline <= now }.count
        defer { jobs.removeFirst(count) }
        return jobs.prefix(count).map(\.job)
    }

    /// Takes no more jobs; returns the idle workers, to be woken to their end.
    mutating func close() -> [Worker] {
        isClosed = true
        defer { idle = [] }
        return idle
    }
}
