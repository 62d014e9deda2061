public import Hummingbird
public import ServiceLifecycle

/// What a service consists of, besides what every service has.
public struct ServiceParts {
    /// Its queues. They stop first, so that what they hold can still be published.
    public var consumers: [QueueConsumer.Configuration]
    /// Its own services, as sweepers; they stop after the consumers.
    public var services: [any Service]
    /// What must hold for it to be ready, besides its broker and consumers.
    public var readiness: [ReadinessCheck]
    /// HELP texts of its own metrics, by their Prometheus names.
    public var help: [String: String]
    /// Adds its own HTTP routes.
    public var routes: ((Router<ServiceRequestContext>) -> Void)?
    /// Closes what it opened, after everything has stopped.
    public var close: (@Sendable () async -> Void)?

    /// The parts of one service.
    public init(
        consumers: [QueueConsumer.Configuration] = [], services: [any Service] = [],
        readiness: [ReadinessCheck] = [], help: [String: String] = [:],
        routes: ((Router<ServiceRequestContext>) -> Void)? = nil,
        close: (@Sendable () async -> Void)? = nil
    ) {
        self.consumers = consumers
        self.services = services
        self.readiness = readiness
        self.help = help
        self.routes = routes
        self.close = close
    }
}

/// Something that must hold for a service to be ready.
public struct ReadinessCheck: Sendable {
    /// Named in `/readyz` while it does not hold.
    public let name: String
    let isReady: @Sendable () async -> Bool

    /// A check; it answers at once.
    public init(_ name: String, _ isReady: @escaping @Sendable () async -> Bool) {
        self.name = name
        self.isReady = isReady
    }
}

/// All checks of a process.
struct Readiness: Sendable {
    var checks: [ReadinessCheck]

    /// The names of those that do not hold, in their order.
    func missing() async -> [String] {
        var names: [String] = []
        for check in checks where await !check.isReady() { names.append(check.name) }
        return names
    }
}
