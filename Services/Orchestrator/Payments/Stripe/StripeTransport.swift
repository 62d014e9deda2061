import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// What came of sending a request.
enum StripeReply: Sendable, Hashable {
    case answered(StripeResponse)
    /// Nothing of the request's body left this process, so nothing can have happened.
    case notSent
    /// It was sent, or may have been: a time-out, a reset, an answer that broke off.
    case noAnswer
    /// More than ``StripeTransport/mostBytes``.
    case tooLarge
}

/// An HTTP answer, as far as it matters.
struct StripeResponse: Sendable, Hashable {
    var status: Int
    /// Seconds, of `Retry-After`.
    var retryAfter: Int64?
    /// `Stripe-Should-Retry`.
    var shouldRetry: Bool?
    var body: [UInt8]
}

/// Sends requests to Stripe: bounded in time, size and number, without redirects, and without
/// repeating one by itself.
struct StripeTransport: Sendable {
    /// An answer's most bytes: a full page of refunds has about a fifth of it.
    static let mostBytes = 1 << 20
    /// Connections at once: one for each call that may be under way.
    static let mostConnections = ProviderLane.callsAtOnce + ProviderLane.checksAtOnce
    /// Shorter than proxies keep idle connections, so that few requests meet a closed one.
    static let idleTime = TimeAmount.seconds(20)

    private let client: HTTPClient
    private let configuration: StripeConfiguration
    init(_ configuration: StripeConfiguration) {
        self.configuration = configuration
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        var http = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(
                connect: TimeAmount(configuration.connectTimeout),
                read: TimeAmount(configuration.callTimeout)),
            decompression: .disabled)
        http.httpVersion = .http1Only
        http.connectionPool.idleTimeout = Self.idleTime
        http.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.mostConnections
        http.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
            configuration: http)
    }

    /// Ends the connections.
    func close() async { try? await client.shutdown() }

    /// When a call that begins now must have ended, whatever it takes.
    func deadline() -> ContinuousClock.Instant { .now + configuration.callTimeout }

    func send(
        _ request: StripeRequest, until deadline: ContinuousClock.Instant
    ) async -> StripeReply {
        let body = request.form.map { OnceAskedBody(ByteBuffer(string: $0)) }
        let call = self.request(request, body: body)
        return await withTaskGroup(of: StripeReply?.self) { group in
            group.addTask {
                do {
                    return .answered(try await answer(to: call, until: deadline))
                } catch is NIOTooManyBytesError {
                    return .tooLarge
                } catch {
                    return body?.wasAsked == false ? .notSent : .noAnswer
                }
            }
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            // The clock only cancels the call: what came of it the call itself knows.
            for await reply in group {
                group.cancelAll()
                if let reply { return reply }
            }
            return .noAnswer
        }
    }

    private func answer(
        to call: HTTPClientRequest, until deadline: ContinuousClock.Instant
    ) async throws -> StripeResponse {
        let left = max(deadline - .now, .zero)
        let response = try await client.execute(call, timeout: TimeAmount(left))
        let body = try await response.body.collect(upTo: Self.mostBytes)
        return StripeResponse(
            status: Int(response.status.code),
            retryAfter: response.headers.first(name: "retry-after").flatMap { Int64($0) },
            shouldRetry: response.headers.first(name: "stripe-should-retry").flatMap(Bool.init),
            body: Array(body.readableBytesView))
    }

    private func request(_ request: StripeRequest, body: OnceAskedBody?) -> HTTPClientRequest {
        var call = HTTPClientRequest(url: configuration.baseURL + request.target)
        call.method = body == nil ? .GET : .POST
        call.headers = [
            "authorization": "Bearer \(configuration.apiKey)",
            "stripe-version": configuration.apiVersion, "user-agent": "refund-workers",
            "accept": "application/json",
        ]
        if let key = request.idempotencyKey {
            call.headers.add(name: "idempotency-key", value: key)
        }
        if let body {
            call.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            call.body = .stream(body, length: .known(Int64(body.bytes.readableBytes)))
        }
        return call
    }
}

/// A request's body that knows whether it was asked for. The client asks once a connection is there
/// and the request's head is on its way; as long as it has not, no server can have acted.
private final class OnceAskedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let bytes: ByteBuffer
    private let asked = Atomic(false)

    init(_ bytes: ByteBuffer) { self.bytes = bytes }

    var wasAsked: Bool { asked.load(ordering: .acquiring) }

    func makeAsyncIterator() -> Iterator { Iterator(body: self) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let body: OnceAskedBody

        func next() async -> ByteBuffer? {
            body.asked.exchange(true, ordering: .acquiringAndReleasing) ? nil : body.bytes
        }
    }
}
