public import AMQP
public import Logging
public import Telemetry

/// What a service is given to build itself of.
public struct ServiceContext: Sendable {
    /// The program's name: `app_id` of its messages.
    public let name: String
    /// `<name>-<host>-<pid>`: which of its processes this is.
    public let instance: String
    /// The values of its settings.
    public let settings: Settings
    /// Carries the service's name on every line.
    public let logger: Logger
    /// Runs in the service's group: its publisher waits until it is connected.
    public let broker: Broker
    /// The broker's publisher; what goes to the description's ``ServiceDescription/bundledExchanges``
    /// shares messages.
    public let publisher: any MessagePublisher
    /// Exists and is writable.
    public let dataDirectory: String
    /// The clock.
    public let now: @Sendable () -> WallTime
}
