import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport

/// A request as the proxy sees it.
struct PeerRequest: Sendable {
    var method: String
    /// Path and query.
    var target: String
    var headers: [String: String]
    var body: [UInt8]
}

/// What the proxy does with a request's connection.
enum PeerReply: Sendable {
    case answer(status: Int, headers: [(String, String)] = [], body: [UInt8])
    /// Says that `body` has more bytes than it sends, and closes.
    case truncated(body: [UInt8])
    /// FIN.
    case close
    /// RST.
    case reset
}

/// A small HTTP server that can also misbehave, which no proper one lets us: close, reset, break off.
final class PeerServer: Sendable {
    let port: Int
    private let channel: any Channel
    private let connections: Locked<[ObjectIdentifier: any Channel]>

    static func start(
        port: Int, _ handle: @escaping @Sendable (PeerRequest) async -> PeerReply
    ) async throws -> PeerServer {
        let connections = Locked<[ObjectIdentifier: any Channel]>([:])
        // The process's own loop, never shut down: a reply may be ready only after the end.
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                let id = ObjectIdentifier(channel)
                connections.withLock { $0[id] = channel }
                channel.closeFuture.whenComplete { _ in
                    connections.withLock { $0[id] = nil }
                }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(PeerHandler(handle))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return PeerServer(port: channel.localAddress?.port ?? port, channel, connections)
    }

    private init(
        port: Int, _ channel: any Channel, _ connections: Locked<[ObjectIdentifier: any Channel]>
    ) {
        self.port = port
        self.channel = channel
        self.connections = connections
    }

    /// Refuses connections from now on, and cuts those that are there.
    func stop() async throws {
        try? await channel.close()
        for connection in connections.withLock({ Array($0.values) }) {
            try? await connection.close()
        }
    }
}

/// Gathers a request, has it handled, and does what comes of it. Lives on its connection's loop.
private final class PeerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let handle: @Sendable (PeerRequest) async -> PeerReply
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ handle: @escaping @Sendable (PeerRequest) async -> PeerReply) { self.handle = handle }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part): body += part.readableBytesView
        case .end:
            guard let head else { return }
            let headers = Dictionary(
                head.headers.map { ($0.name.lowercased(), $0.value) }
            ) { first, _ in first }
            let request = PeerRequest(
                method: head.method.rawValue, target: head.uri, headers: headers, body: body)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            let loop = context.eventLoop
            Task { [handle] in
                let reply = await handle(request)
                loop.execute { bound.value.0.write(reply, bound.value.1) }
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func write(_ reply: PeerReply, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        switch reply {
        case .answer(let status, let headers, let body):
            send(status, headers, body, length: body.count, context)
        case .truncated(let body):
            send(200, [], body, length: body.count + 100, context)
            context.close(promise: nil)
        case .close: context.close(promise: nil)
        case .reset:
            let context = NIOLoopBound(context, eventLoop: context.eventLoop)
            let socket = context.value.channel as? any SocketOptionProvider
            let atOnce = linger(l_onoff: 1, l_linger: 0)
            let isSet = socket?.setSoLinger(atOnce) ?? context.eventLoop.makeSucceededVoidFuture()
            isSet.whenComplete { _ in context.value.close(promise: nil) }
        }
    }

    private func send(
        _ status: Int, _ headers: [(String, String)], _ body: [UInt8], length: Int,
        _ context: ChannelHandlerContext
    ) {
        var fields = HTTPHeaders(headers)
        fields.add(name: "content-type", value: "application/json")
        fields.add(name: "content-length", value: "\(length)")
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: status), headers: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        // An answer that breaks off has no end.
        if length == body.count {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        } else {
            context.flush()
        }
    }
}
