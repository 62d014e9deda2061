internal import Logging
internal import Metrics
internal import Synchronization

/// One connection to the broker, through all its losses. The actor runs on its owner thread, which
/// alone has the ``Wire``; everybody else posts mail.
actor Connection {
    /// What the connection is for; the broker's tools show it.
    enum Purpose: String, Sendable {
        case publishing, consuming
    }

    /// The most frames read before jobs and mail are looked at again.
    static let mostFramesPerTurn = 2_048
    /// Bytes published between two looks at whether the socket takes more.
    static let bytesBetweenLooks = 64 << 10

    nonisolated let configuration: BrokerConfiguration
    nonisolated let purpose: Purpose
    private nonisolated let thread: OwnerThread?
    private nonisolated let mailbox = Mailbox()
    nonisolated let watch = Watch()
    nonisolated let flags = ConnectionFlags()
    /// Names publishes and calls, for their cancellation.
    private nonisolated let lastID = Atomic<UInt64>(0)
    let logger: Logger
    let metrics: ConnectionMetrics

    // MARK: State of the owner thread

    var wire: Wire?
    var isUp = false
    var hasConnected = false
    var upSince: Nanoseconds = 0
    var backoff: Backoff
    /// For a publishing channel that the broker closes again and again.
    var publishBackoff: Backoff
    var attempt = 0
    var retryAt: Nanoseconds = 0
    var lastFailure = ""
    var random = SystemRandomNumberGenerator()
    var channels: [Channel?] = [nil]
    var publishing: PublishMachine
    var publishChannel = PublishChannel.closed(until: 0)
    var publishWaiters: [UInt64: CheckedContinuation<PublishResult, Never>] = [:]
    var subscriptions: [ObjectIdentifier: Subscription] = [:]
    var calls: [Call] = []
    var blockedSince: Nanoseconds?
    var reportedUnanswered = 0
    var closing: (until: Nanoseconds, waiters: [CheckedContinuation<Void, Never>])?
    /// The socket took no more: wait until it does.
    var waitsForRoom = false
    var hasMoreFrames = false
    var pace = ReadingPace()
    /// Deliveries read in this turn.
    var arrivals = 0

    init(
        _ configuration: BrokerConfiguration, purpose: Purpose, logger: Logger,
        metrics factory: any MetricsFactory
    ) {
        self.configuration = configuration
        self.purpose = purpose
        thread = try? OwnerThread(name: "amqp-\(purpose.rawValue.prefix(7))")
        var logger = logger
        logger[metadataKey: "connection"] = "\(purpose.rawValue)"
        self.logger = logger
        metrics = ConnectionMetrics(purpose: purpose.rawValue, factory: factory)
        backoff = Backoff(
            first: Nanoseconds(configuration.backoffFirst),
            most: Nanoseconds(configuration.backoffMost))
        publishBackoff = backoff
        publishing = PublishMachine(
            windowMessages: configuration.publishWindowMessages,
            windowBytes: configuration.publishWindowBytes)
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        guard let thread else { return MainActor.sharedUnownedExecutor }
        return thread.asUnownedSerialExecutor()
    }

    /// Starts the owner thread. Once.
    nonisolated func start() throws(AMQPError) {
        guard let thread else {
            throw AMQPError(.connectionFailed, "no file descriptor is left for an eventfd")
        }
        try thread.start { self.assumeIsolated { $0.turn() } }
    }
}

// MARK: - From any thread

extension Connection {
    nonisolated var isPublishing: Bool { flags.isPublishing }
    nonisolated var isConnected: Bool { flags.isConnected }

    @discardableResult
    nonisolated func post(_ mail: Mail) -> Bool {
        guard mailbox.post(mail) else { return false }
        thread?.wake()
        return true
    }

    nonisolated func publish(_ messages: [OutgoingMessage]) async -> PublishResult {
        let id = lastID.add(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if !post(.publish(id, messages, continuation)) {
                    continuation.resume(returning: .failure(Self.closed))
                }
                // A cancellation from before has been posted too early to be understood.
                if Task.isCancelled { post(.cancelPublish(id)) }
            }
        } onCancel: {
            post(.cancelPublish(id))
        }
    }

    nonisolated func call(_ request: TopologyRequest) async throws(AMQPError) -> TopologyReply {
        guard !Task.isCancelled else { throw request.cancelled }
        let id = lastID.add(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if !post(.call(id, request, continuation)) {
                    continuation.resume(returning: .failure(Self.closed))
                }
                if Task.isCancelled { post(.cancelCall(id)) }
            }
        } onCancel: {
            post(.cancelCall(id))
        }.get()
    }

    nonisolated func close(drain: Duration) async {
        await withCheckedContinuation { continuation in
            let until = monotonicNow() + Nanoseconds(drain)
            if !post(.close(until: until, continuation)) { continuation.resume() }
        }
    }

    /// - Returns: nil once the connection has ended.
    nonisolated func snapshot() async -> ConnectionSnapshot? {
        await withCheckedContinuation { continuation in
            if !post(.snapshot(continuation)) { continuation.resume(returning: nil) }
        }
    }

    /// Called by the watchdog.
    nonisolated func checkStuck() {
        let limit = Nanoseconds(configuration.callTimeout)
        if watch.check(now: monotonicNow(), limit: limit) {
            logger.warning("a call into librabbitmq was stuck: its socket was shut down")
        }
    }

    static var closed: AMQPError { AMQPError(.closed, "the broker object is shut down") }
}

// MARK: - On the owner thread

extension Connection {
    func takeMail() -> [Mail] { mailbox.take() }

    func closeMailbox() -> [Mail] { mailbox.close() }
}

/// What other threads may ask without waiting.
final class ConnectionFlags: Sendable {
    private let connected = Atomic<Bool>(false)
    private let publishing = Atomic<Bool>(false)
    private let turnCount = Atomic<UInt64>(0)

    /// Since the start of the owner thread.
    var turns: UInt64 { turnCount.load(ordering: .relaxed) }

    func countTurn() { turnCount.add(1, ordering: .relaxed) }

    var isConnected: Bool {
        get { connected.load(ordering: .relaxed) }
        set { connected.store(newValue, ordering: .relaxed) }
    }

    var isPublishing: Bool {
        get { publishing.load(ordering: .relaxed) }
        set { publishing.store(newValue, ordering: .relaxed) }
    }
}
