internal import CRabbitMQ
internal import Glibc
internal import Synchronization

/// The one thread that may touch a connection of librabbitmq, as a serial executor.
///
/// Between the jobs of its actor it calls `turn`, then sleeps in poll(2) on the socket and an
/// eventfd. Its stack is 16 MiB: librabbitmq decodes nested header tables by recursion, and a legal
/// frame holds 20,000 levels.
final class OwnerThread: SerialExecutor {
    /// What to wait for after a turn.
    enum Wait {
        /// For the descriptor (none where negative), a wake-up, or the time (nil: no limit).
        case poll(descriptor: Int32, events: Int16, limit: Nanoseconds?)
        /// The end of the thread.
        case stop
    }

    static let stackBytes = 16 << 20

    private struct State {
        var jobs: [UnownedJob] = []
        /// Set by ``wake()``, cleared before each turn.
        var isWoken = false
        var isAsleep = false
        var identity: pthread_t?
    }

    private let name: String
    private let state = Mutex(State())
    private let eventDescriptor: Int32

    /// - Throws: ``AMQPError/Code/connectionFailed`` where no file descriptor is left.
    init(name: String) throws(AMQPError) {
        self.name = name
        eventDescriptor = crmq_eventfd()
        guard eventDescriptor >= 0 else {
            throw AMQPError(.connectionFailed, "no file descriptor is left for an eventfd")
        }
    }

    deinit { close(eventDescriptor) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        wake()
    }

    /// Makes another turn happen soon.
    func wake() {
        let isAsleep = state.withLock { state in
            state.isWoken = true
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        guard isAsleep else { return }
        var one: UInt64 = 1
        write(eventDescriptor, &one, MemoryLayout<UInt64>.size)
    }

    func checkIsolated() {
        let isHere = state.withLock { state in
            state.identity.map { pthread_equal($0, pthread_self()) != 0 } ?? false
        }
        precondition(isHere, "the connection is confined to its owner thread")
    }

    /// Starts the thread; it keeps itself alive until a turn says `stop`.
    func start(turn: @escaping @Sendable () -> Wait) throws(AMQPError) {
        let body = Unmanaged.passRetained(Body(thread: self, turn: turn))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var identity = pthread_t()
        let status = pthread_create(&identity, &attributes, ownerThreadMain, body.toOpaque())
        guard status == 0 else {
            body.release()
            throw AMQPError(.connectionFailed, "no thread can be started for the connection")
        }
    }

    fileprivate func run(_ turn: () -> Wait) {
        crmq_name_thread(name)
        state.withLock { $0.identity = pthread_self() }
        while true {
            runJobs()
            switch turn() {
            case .stop:
                runJobs()
                return
            case .poll(let descriptor, let events, let limit):
                sleep(descriptor, events, limit)
            }
        }
    }

    private func runJobs() {
        let jobs = state.withLock { state in
            state.isWoken = false
            let jobs = state.jobs
            state.jobs.removeAll(keepingCapacity: true)
            return jobs
        }
        for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }

    private func sleep(_ descriptor: Int32, _ events: Int16, _ limit: Nanoseconds?) {
        guard limit != 0 else { return }
        let maySleep = state.withLock { state in
            state.isAsleep = !state.isWoken
            return state.isAsleep
        }
        guard maySleep else { return }
        var items = (
            pollfd(fd: eventDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: events, revents: 0)
        )
        let nanoseconds = limit.map { Int64(clamping: $0) } ?? -1
        _ = withUnsafeMutablePointer(to: &items) { items in
            items.withMemoryRebound(to: pollfd.self, capacity: 2) { crmq_poll($0, 2, nanoseconds) }
        }
        state.withLock { $0.isAsleep = false }
        guard items.0.revents != 0 else { return }
        var count: UInt64 = 0
        read(eventDescriptor, &count, MemoryLayout<UInt64>.size)
    }
}

private final class Body: Sendable {
    let thread: OwnerThread
    let turn: @Sendable () -> OwnerThread.Wait

    init(thread: OwnerThread, turn: @escaping @Sendable () -> OwnerThread.Wait) {
        self.thread = thread
        self.turn = turn
    }
}

private func ownerThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
    body.thread.run(body.turn)
    return nil
}

/// The monotonic clock.
func monotonicNow() -> Nanoseconds {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
