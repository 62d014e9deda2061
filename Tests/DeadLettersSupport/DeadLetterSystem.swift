package import AMQP
import Foundation
import RefundMessages
package import TestSupport

/// The service's process on a private broker with the repository's topology. Ends with the test.
package final class DeadLetterSystem: Sendable {
    package let broker: PrivateBroker
    /// The test's own connection, with every right.
    package let client: Broker
    package let directory: String
    /// The token of calls that name none.
    package let defaultToken = Locked<String?>(nil)
    private let secret: String
    private let httpPort: Int
    private let settings: [String: String]
    private let current = Locked<ServiceProcess?>(nil)
    private let serving: Task<Void, Never>

    /// Runs a test on a system of its own.
    package static func with(
        settings: [String: String] = [:], _ body: (DeadLetterSystem) async throws -> Void
    ) async throws {
        let system = try await DeadLetterSystem(settings)
        try await system.start()
        do {
            try await body(system)
            try await system.end()
        } catch {
            try? await system.end()
            throw error
        }
    }

    private init(_ settings: [String: String]) async throws {
        broker = try await PrivateBroker.start()
        directory = broker.directory + "/dead-letters"
        let secrets = broker.directory + "/secrets"
        let completed = broker.directory + "/completed.json"
        let ending = try await Command.run(
            Repository.path("deploy/rabbitmq/with-passwords.sh"),
            [Repository.path("deploy/rabbitmq/definitions.json"), secrets, completed])
        guard ending.status == 0 else { throw SupportFailure(ending.output) }
        try await broker.control("import_definitions", completed)
        secret = try String(contentsOfFile: secrets + "/dead-letters", encoding: .utf8)
        let client = Broker(
            try BrokerConfiguration(uri: broker.url, connectionName: "test"), logger: .quiet)
        serving = Task { _ = try? await client.run() }
        self.client = client
        self.settings = settings
        httpPort = try FreePort.take()
    }

    private func end() async throws {
        serving.cancel()
        try? await current.withLock { $0 }?.kill()
        try await broker.stop()
    }

    // MARK: - The process

    package var process: ServiceProcess {
        get throws {
            guard let process = current.withLock({ $0 }) else {
                throw SupportFailure("the service is not started")
            }
            return process
        }
    }

    /// Starts it without waiting for it.
    package func launch() throws {
        let environment = [
            "AMQP_URL": broker.url(user: "dead-letters", password: secret),
            "DATA_DIR": directory, "HTTP_PORT": "\(httpPort)",
        ].merging(settings) { $1 }
        let process = try ServiceProcess(
            "dead-letters", environment: environment, httpPort: httpPort)
        current.withLock { $0 = process }
    }

    package func start() async throws {
        try launch()
        try await process.waitUntilReady()
    }

    // MARK: - The broker

    package func publish(_ messages: [OutgoingMessage]) async throws {
        for start in stride(from: 0, to: messages.count, by: 1_000) {
            let part = Array(messages[start..<min(start + 1_000, messages.count)])
            let outcomes = try await client.publisher.publish(part)
            if let index = outcomes.firstIndex(where: { $0 != .confirmed }) {
                throw SupportFailure("message \(start + index): \(outcomes[index])")
            }
        }
    }

    /// Messages ready in a queue.
    package func ready(in queue: String) async throws -> Int {
        try await client.topology().checkQueue(queue).messages
    }

    /// Takes and acks that many messages of a queue, and then what comes for a moment.
    package func take(
        _ count: Int, from queue: String, within seconds: Double = 120
    ) async throws -> [Delivery] {
        let taken = Locked<[Delivery]>([])
        let consumer = client.consumer(queue: queue, prefetch: 1_000, maxBatch: 1_000)
        let taking = Task {
            for await batch in consumer {
                taken.withLock { $0 += batch.deliveries }
                await batch.ack(batch.deliveries)
            }
        }
        let isEnough = await eventually(within: seconds) { taken.withLock { $0.count } >= count }
        await consumer.cancel()
        await taking.value
        let all = taken.withLock { $0 }
        guard isEnough else { throw SupportFailure("only \(all.count) of \(count) came") }
        return all
    }
}
