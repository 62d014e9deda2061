import AMQP
import RefundMessages

/// The broker for the time of one command.
enum BrokerSession {
    /// How long the broker may take to accept the connection: 10 s.
    static let connectTimeout: Duration = .seconds(10)

    /// Connects, runs the body, and closes again, also when the body throws.
    static func run<Result: Sendable>(
        _ options: GlobalOptions, _ body: @escaping @Sendable (Broker) async throws -> Result
    ) async throws -> Result {
        let url = try options.brokerURL()
        let configuration: BrokerConfiguration
        do {
            configuration = try BrokerConfiguration(uri: url, connectionName: "refundctl")
        } catch {
            throw CommandFailure(.badInput, "the broker's address is wrong: \(error)")
        }
        let complaint = LastComplaint()
        let broker = Broker(configuration, logger: complaint.logger)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await broker.run()
                return nil
            }
            group.addTask {
                try await connected(broker, complaint)
                return try await body(broker)
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CommandFailure(.unreachable, "the connection to the broker ended")
        }
    }

    private static func connected(_ broker: Broker, _ complaint: LastComplaint) async throws {
        let deadline = ContinuousClock.now + connectTimeout
        while !broker.isPublishing || !broker.isConnected {
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    .unreachable,
                    "the broker does not accept a connection (--amqp-url): "
                        + (complaint.latest ?? "it does not answer"))
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
