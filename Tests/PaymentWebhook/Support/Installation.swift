import AMQP
import Foundation
import TestSupport

@testable import PaymentWebhook

/// A real broker with the repository's definitions, and the webhook as a process with its own user.
struct Installation {
    let broker: PrivateBroker
    let webhook: ServiceProcess
    /// The public port.
    let port: Int
    let secretFile: String
    private let secrets: String

    /// For tests that leave it as it was; ended with the test process.
    static func shared() async throws -> Installation { try await sharedTask.value }

    private static let sharedTask = Task {
        let installation = try await Installation(try await PrivateBroker.start())
        try await installation.webhook.waitUntilReady()
        return installation
    }

    private init(_ broker: PrivateBroker) async throws {
        // Inside the broker's directory, which goes with the broker.
        secrets = broker.directory + "/secrets"
        let completed = broker.directory + "/completed.json"
        let ending = try await Command.run(
            Repository.path("deploy/rabbitmq/with-passwords.sh"),
            [Repository.path("deploy/rabbitmq/definitions.json"), secrets, completed])
        guard ending.status == 0 else { throw SupportFailure(ending.output) }
        try await broker.control("import_definitions", completed)
        self.broker = broker
        port = try FreePort.take()
        secretFile = secrets + "/stripe"
        try (EventRequest.secret + "\n").write(
            toFile: secretFile, atomically: true, encoding: .utf8)
        webhook = try Self.launch(broker, secrets, secretFile, port)
    }

    /// One more process, at the same broker.
    /// - Returns: it, and its public port.
    func launch() async throws -> (process: ServiceProcess, port: Int) {
        let port = try FreePort.take()
        let process = try Self.launch(broker, secrets, secretFile, port)
        try await process.waitUntilReady()
        return (process, port)
    }

    private static func launch(
        _ broker: PrivateBroker, _ secrets: String, _ secretFile: String, _ port: Int
    ) throws -> ServiceProcess {
        let httpPort = try FreePort.take()
        return try ServiceProcess(
            "payment-webhook",
            environment: [
                "AMQP_URL": try url(broker, secrets, "payment-webhook"),
                "DATA_DIR": broker.directory + "/data", "HTTP_PORT": "\(httpPort)",
                "WEBHOOK_PORT": "\(port)", "STRIPE_WEBHOOK_SECRET_FILE": secretFile,
            ], httpPort: httpPort)
    }

    /// The broker's URI of the webhook's user.
    var url: String { get throws { try Self.url(broker, secrets, "payment-webhook") } }

    private static func url(
        _ broker: PrivateBroker, _ secrets: String, _ user: String
    ) throws -> String {
        let password = try String(contentsOfFile: "\(secrets)/\(user)", encoding: .utf8)
        return broker.url(user: user, password: password)
    }

    /// Sends an event of that id.
    func send(_ id: String, secret: String = EventRequest.secret) async throws -> Int? {
        try await EventRequest(event: id, secret: secret).send(to: port)?.status
    }

    /// Takes what is in `refund.payments`, until the ids seen are enough.
    func notices(until isEnough: (Set<String>) -> Bool) async throws -> [Delivery] {
        try await withBroker(broker.url) { client in
            let consumer = client.consumer(queue: "refund.payments", prefetch: 500, maxBatch: 500)
            var taken: [Delivery] = []
            for await batch in consumer {
                taken += batch.deliveries
                await batch.ack(batch.deliveries)
                if isEnough(Set(taken.compactMap(\.properties.messageID))) { break }
            }
            await consumer.cancel()
            return taken
        }
    }

    /// The counters of `/metrics`, by result.
    func counts() async throws -> [String: Int] {
        let prefix = #"webhook_events_total{result=""#
        let lines = try await webhook.get("/metrics").body.split(separator: "\n")
        return lines.reduce(into: [:]) { counts, line in
            guard line.hasPrefix(prefix) else { return }
            let parts = line.dropFirst(prefix.count).split(separator: "\"} ")
            counts[String(parts[0])] = parts.last.flatMap { Int($0) }
        }
    }
}
