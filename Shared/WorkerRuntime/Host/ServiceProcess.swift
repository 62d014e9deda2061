import AMQP
import Glibc
import Logging
import Metrics
import ServiceLifecycle
import Telemetry
import UnixSignals

/// One service's process, from its settings to its end.
struct ServiceProcess {
    private let context: ServiceContext
    private let registry = PrometheusRegistry()
    private let address: HTTPAddress
    private let drainTime: Duration

    /// Checks the common settings, sets up logs and metrics, and prepares the broker.
    ///
    /// - Important: bootstraps swift-log and swift-metrics, so once in a process.
    init(
        _ description: ServiceDescription, _ settings: Settings
    ) throws(ConfigurationFault) {
        let (level, format) = try Self.logging(settings)
        let broker = try Self.brokerConfiguration(settings, name: description.name)
        address = try HTTPAddress(settings)
        drainTime = try settings.duration(
            CommonSetting.drainTime, in: .milliseconds(100)...(.seconds(600)))
        let bundleItems =
            description.bundledExchanges.isEmpty
            ? 1 : try settings.int(CommonSetting.bundleItems, in: 1...Bundle.mostItems)
        let dataDirectory = try settings.string(CommonSetting.dataDirectory)
        try DataDirectory.prepare(dataDirectory)

        let name = description.name
        LoggingSystem.bootstrap { _ in
            ServiceLogHandler(service: name, format: format, level: level)
        }
        MetricsSystem.bootstrap(registry)
        WorkerMetrics.describe(in: registry)
        let logger = Logger(label: name)
        let connected = Broker(broker, logger: logger)
        context = ServiceContext(
            name: name, instance: "\(name)-\(Self.hostName)-\(getpid())", settings: settings,
            logger: logger, broker: connected,
            publisher: BundlingPublisher(
                base: connected.publisher, exchanges: description.bundledExchanges,
                most: bundleItems), dataDirectory: dataDirectory, now: { .now() })
    }

    /// Builds the service and runs it until a signal or a failure.
    func run(_ build: (ServiceContext) async throws -> ServiceParts) async throws {
        let logger = context.logger
        let parts = try await build(context)
        for (name, text) in parts.help { registry.describe(name, text) }
        let broker = context.broker
        let isolation = Isolation(broker, asking: parts.consumers.first?.queue ?? "")
        let consumers = parts.consumers.map {
            QueueConsumer(
                $0, instance: context.instance, broker: broker, publisher: context.publisher,
                logger: logger, isolation: isolation)
        }
        var checks = [ReadinessCheck("publisher") { broker.isPublishing }]
        checks += consumers.map { consumer in
            ReadinessCheck("consumer \(consumer.queue)") { consumer.isConsuming }
        }
        let readiness = Readiness(checks: checks + parts.readiness)
        let http = HTTPService(
            address: address, readiness: readiness, registry: registry, routes: parts.routes,
            logger: logger)

        var services: [any Service] = [broker, http, ReadinessLog.sweeper(readiness, logger)]
        services += parts.services
        services.append(ConsumerGroup(consumers: consumers))
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup)
            }, gracefulShutdownSignals: [.sigterm, .sigint], logger: Self.quiet(logger))
        configuration.maximumGracefulShutdownDuration = drainTime
        configuration.maximumCancellationDuration = ServiceHost.cancellationTime
        logger.info("starting", metadata: ["instance": "\(context.instance)"])
        defer { logger.info("stopped") }
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            await parts.close?()
            throw error
        }
        await parts.close?()
    }

    /// The group's own lines matter only when something goes wrong.
    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }

    private static func logging(
        _ settings: Settings
    ) throws(ConfigurationFault) -> (Logger.Level, LogFormat) {
        let text = try settings.string(CommonSetting.logLevel)
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            throw settings.fault(CommonSetting.logLevel, "is \"\(text)\", which is no log level")
        }
        let readable = LogFormat.text(colour: LogOutput.isColourTerminal)
        switch try settings.optional(CommonSetting.logFormat) {
        case "json": return (level, .json)
        case "text": return (level, readable)
        case nil: return (level, LogOutput.isTerminal ? readable : .json)
        case let other?:
            throw settings.fault(CommonSetting.logFormat, "is \"\(other)\", neither json nor text")
        }
    }

    private static func brokerConfiguration(
        _ settings: Settings, name: String
    ) throws(ConfigurationFault) -> BrokerConfiguration {
        let secret = try settings.secret(file: CommonSetting.amqpURLFile)
        if secret != nil, try settings.isSet(CommonSetting.amqpURL) {
            throw ConfigurationFault(
                "Both amqp.url and amqp.urlFile are set: keep one of them.")
        }
        let url = if let secret { secret } else { try settings.string(CommonSetting.amqpURL) }
        do {
            return try BrokerConfiguration(uri: url, connectionName: name)
        } catch {
            let key = secret == nil ? CommonSetting.amqpURL : CommonSetting.amqpURLFile
            throw settings.fault(key, "is no broker address: \(error.message)")
        }
    }

    private static var hostName: String {
        var bytes = [UInt8](repeating: 0, count: 256)
        let found = bytes.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { name in
                name.baseAddress.map { gethostname($0, name.count - 1) == 0 } ?? false
            }
        }
        return found ? String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) : "localhost"
    }
}
