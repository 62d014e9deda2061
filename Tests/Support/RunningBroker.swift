public import AMQP
public import Logging

/// Runs a ``Broker`` around a test body, and ends it whatever the body does.
public func withBroker<Result: Sendable>(
    _ uri: String, name: String = "test", logger: Logger = .quiet,
    configure: (inout BrokerConfiguration) -> Void = { _ in },
    _ body: (Broker) async throws -> Result
) async throws -> Result {
    var configuration = try BrokerConfiguration(uri: uri, connectionName: name)
    configure(&configuration)
    let broker = Broker(configuration, logger: logger)
    let running = Task { try await broker.run() }
    do {
        let result = try await body(broker)
        running.cancel()
        _ = await running.result
        return result
    } catch {
        running.cancel()
        _ = await running.result
        throw error
    }
}

extension Logger {
    /// Prints nothing.
    public static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
