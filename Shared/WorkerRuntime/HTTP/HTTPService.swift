import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Telemetry

/// The process's HTTP port: health, metrics, and what the service adds.
struct HTTPService: Service {
    /// Open connections; more wait in the listen queue.
    static let maximumConnections = 256

    /// One thread, which lives as long as the process: shut down earlier, it would complain of what a
    /// closing connection still schedules on it.
    private static let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private let address: HTTPAddress
    private let responder: RouterResponder<ServiceRequestContext>
    private let logger: Logger

    init(
        address: HTTPAddress, readiness: Readiness, registry: PrometheusRegistry,
        routes: ((Router<ServiceRequestContext>) -> Void)?, logger: Logger
    ) {
        self.address = address
        self.logger = logger
        let router = Router(context: ServiceRequestContext.self)
        HealthRoutes.add(to: router, readiness: readiness, registry: registry)
        routes?(router)
        responder = router.buildResponder()
    }

    /// Serves on one event loop until graceful shutdown.
    ///
    /// - Throws: `ConfigurationFault` where a chosen address cannot be listened on.
    func run() async throws {
        do {
            do {
                try await serve(port: address.port)
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                guard !address.isPortChosen else { throw error }
                logger.info(
                    "the default HTTP port is taken: listening on another",
                    metadata: ["port": "\(address.port)"])
                try await serve(port: 0)
            }
        } catch let error as IOError {
            throw ConfigurationFault(
                "The HTTP port \(address.host):\(address.port) cannot be listened on: "
                    + "\(String(cString: strerror(error.errnoCode))). Set --http-port or HTTP_PORT "
                    + "to another port, or to 0 for any free one.")
        }
    }

    private func serve(port: Int) async throws {
        let logger = logger
        let application = Application(
            responder: responder,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.maximumConnections)),
            onServerRunning: { channel in
                logger.info(
                    "http listening", metadata: ["port": "\(channel.localAddress?.port ?? 0)"])
            },
            eventLoopGroupProvider: .shared(Self.loops), logger: Self.quiet(logger))
        try await application.run()
    }

    /// The server's own lines matter only when something goes wrong.
    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
