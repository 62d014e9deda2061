import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import WorkerRuntime

/// Where the provider's events come in.
struct WebhookAddress: Equatable {
    var host: String
    /// 0: any free one.
    var port: Int
}

/// The public port. Health and metrics are on another, so that strangers never reach them.
struct WebhookServer: Service {
    /// Open connections, and so requests at once: each holds at most one body. More wait in the listen
    /// queue.
    static let maximumConnections = 128
    /// For a whole request to arrive, and between two on one connection.
    static let requestTime: TimeAmount = .seconds(10)
    /// Bytes of a request's head.
    static let maximumHeadBytes = 16 * 1024
    /// Fields in it.
    static let maximumFields = 100

    /// As long as the process: see `HTTPService`.
    private static let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    let address: WebhookAddress
    let responder: WebhookResponder
    let logger: Logger
    var requestTime = WebhookServer.requestTime
    /// Told the port once it is listened on.
    var onListening: @Sendable (Int) -> Void = { _ in }

    /// Serves until graceful shutdown, which waits for the requests that are under way.
    ///
    /// - Throws: `ConfigurationFault` where the address cannot be listened on.
    func run() async throws {
        let logger = logger, onListening = onListening, requestTime = requestTime
        let http1 = HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestDeadline(time: requestTime)],
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: Self.maximumHeadBytes,
                maxHeaderListSize: Self.maximumHeadBytes, maxHeaderFieldCount: Self.maximumFields))
        let application = Application(
            responder: responder, server: .http1(configuration: http1),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.maximumConnections)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                logger.info("listening for events", metadata: ["port": "\(port)"])
                onListening(port)
            },
            eventLoopGroupProvider: .shared(Self.loops), logger: quietLogger)
        do {
            try await application.run()
        } catch let error as IOError {
            throw ConfigurationFault(
                "The port for events \(address.host):\(address.port) cannot be listened on: "
                    + "\(String(cString: strerror(error.errnoCode))). Set --webhook-port or "
                    + "WEBHOOK_PORT to another port.")
        }
    }

    /// The server's own lines matter only when something goes wrong.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }
}
