import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// Stands between the client and Stripe's peer, and keeps its own truth of what happened. Two things
/// in one place:
///
/// - What `localstripe` lacks of Stripe's documented behaviour: idempotency keys (the stored answer is
///   replayed, a 500 too; other parameters under a used key and a key in use are refused), the limit of
///   what was refunded from a charge, error codes, refunds that are pending, need an action, fail or
///   are taken back, charges `py_…`, and signed events about all of it.
/// - What goes wrong on the way (``StripeFault``), by a script or by chance; events come late, twice
///   and out of order.
///
/// Without a peer it makes the refunds itself, where only speed is measured.
public actor StripeFaultProxy {
    /// How it behaves.
    public struct Configuration: Sendable {
        /// What goes wrong.
        public var faults = StripeFaultPlan()
        /// Added to each answer.
        public var latency = Duration.zero
        /// How late an answer is that comes late, and how long a stalled one is waited for.
        public var lateness = Duration.milliseconds(200)
        /// Longer than the client waits.
        public var stall = Duration.seconds(6)
        /// When a refund turns into what it becomes: between those, in milliseconds.
        public var turnMilliseconds: ClosedRange<Int> = 200...1_500
        /// Where events are sent; nil: nowhere.
        public var events: StripeEvents?

        /// Faultless and quick.
        public init() {}
    }

    /// The API key that it takes.
    public static let apiKey = "sk_test_refund_workers"

    /// Where it listens, on 127.0.0.1.
    public nonisolated let port: Int
    /// What a client is configured with.
    public nonisolated var baseURL: String { "http://127.0.0.1:\(port)" }

    /// What truly happened.
    public internal(set) var books = StripeBooks()
    /// How often each fault struck.
    public internal(set) var struck: [StripeFault: Int] = [:]
    /// Requests that came, and the most that were in progress at once.
    public private(set) var requests = 0
    /// The most that were in progress at once.
    public private(set) var mostAtOnce = 0

    var configuration: Configuration
    var generator: SeededGenerator
    let peer: LocalStripe?
    let client: HTTPClient
    var paymentMethod: String?
    private var inProgress = 0
    private var server: PeerServer?

    /// Starts it on a free port of loopback.
    public static func start(
        peer: LocalStripe?, _ configuration: Configuration = .init()
    ) async throws -> StripeFaultProxy {
        let proxy = StripeFaultProxy(port: try FreePort.take(), peer, configuration)
        try await proxy.listen()
        return proxy
    }

    private init(port: Int, _ peer: LocalStripe?, _ configuration: Configuration) {
        self.port = port
        self.peer = peer
        self.configuration = configuration
        generator = configuration.faults.generator
        var http = HTTPClient.Configuration()
        http.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 32
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: http)
    }

    /// Accepts connections (again, on the same port).
    public func listen() async throws {
        server = try await PeerServer.start(port: port) { [weak self] request in
            await self?.handle(request) ?? .close
        }
    }

    /// Refuses connections until ``listen()``.
    public func refuseConnections() async throws {
        try await server?.stop()
        server = nil
    }

    /// Ends it; the peer stays.
    public func stop() async throws {
        try await refuseConnections()
        try await client.shutdown()
    }

    /// What goes wrong from now on.
    public func setFaults(_ plan: StripeFaultPlan) { configuration.faults = plan }

    /// Where events go from now on.
    public func setEvents(_ events: StripeEvents?) { configuration.events = events }

    /// Added to each answer from now on.
    public func setLatency(_ latency: Duration) { configuration.latency = latency }

    private func handle(_ request: PeerRequest) async -> PeerReply {
        requests += 1
        inProgress += 1
        mostAtOnce = max(mostAtOnce, inProgress)
        defer { inProgress -= 1 }
        if configuration.latency > .zero { try? await Task.sleep(for: configuration.latency) }
        guard request.headers["authorization"] == "Bearer \(Self.apiKey)" else {
            return .answer(
                status: 401,
                body: StripeBooks.Answer.error(
                    401, code: nil, param: nil, "Invalid API Key provided"
                ).body)
        }
        let isRefund = request.method == "POST"
        let fault = configuration.faults.next(
            of: isRefund ? StripeFault.ofRefunds : StripeFault.ofLookUps)
        if let fault { struck[fault, default: 0] += 1 }
        if let early = early(fault) { return early }
        let answer = isRefund ? await post(request, fault) : await get(request, fault)
        return await spoil(answer, fault)
    }

    /// Faults that strike before anything happened.
    private func early(_ fault: StripeFault?) -> PeerReply? {
        switch fault {
        case .dropBefore: .close
        case .resetBefore: .reset
        case .unavailable:
            .answer(status: 503, body: Array("<html>try again</html>".utf8))
        case .rateLimited:
            .answer(
                status: 429, headers: [("retry-after", "1"), ("stripe-should-retry", "true")],
                body: StripeBooks.Answer.error(
                    429, code: "rate_limit", param: nil, "Too many requests"
                ).body)
        case .keyInUse:
            .answer(
                status: 409, headers: [("stripe-should-retry", "true")],
                body: StripeBooks.Answer.error(
                    409, type: "idempotency_error", code: "idempotency_key_in_use", param: nil,
                    "Another request with this key is in progress"
                ).body)
        case .redirected:
            .answer(status: 307, headers: [("location", "http://127.0.0.1:1/")], body: [])
        default: nil
        }
    }

    /// Faults that strike the answer.
    private func spoil(_ answer: StripeBooks.Answer, _ fault: StripeFault?) async -> PeerReply {
        let whole = PeerReply.answer(status: answer.status, body: answer.body)
        switch fault {
        case .dropAfter: return .close
        case .resetAfter: return .reset
        case .stalled:
            try? await Task.sleep(for: configuration.stall)
            return .close
        case .late:
            try? await Task.sleep(for: configuration.lateness)
            return whole
        case .garbage: return .answer(status: 200, body: Array("<html>200 OK</html>".utf8))
        case .huge: return .answer(status: 200, body: Array(repeating: 0x20, count: 2 << 20))
        case .withoutID where answer.status == 200:
            return .answer(status: 200, body: StripeJSON.without("id", answer.body))
        case .truncated: return .truncated(body: answer.body)
        default: return whole
        }
    }
}
