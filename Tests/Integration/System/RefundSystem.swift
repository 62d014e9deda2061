import AMQP
import Foundation
import RefundMessages
import TestSupport

/// The whole system as the tests' own processes: a private broker with the repository's definitions
/// and a password for each user, and the services, each with its own user, data and HTTP port.
///
/// Everything ends with the test process, however that ends.
final class RefundSystem: Sendable {
    /// Waits that no stall of a busy machine outlasts: what becomes of a refund must not depend on
    /// its pace. A test that wants to see one end sets a shorter one.
    static let patientSettings = [
        "FACTS_WAIT": "10m", "ORDER_WAIT": "10m", "SETTLEMENT_BUDGET": "10m",
    ]

    let broker: PrivateBroker
    /// The test's own connection, with every right.
    let client: AMQP.Broker
    /// What the system published, as a subscriber sees it.
    let messages: MessageLog
    /// Passwords, data and logs; removed with the broker's.
    let directory: String
    /// URLs of its PostgreSQL databases, by service, and `sandbox`; none where it is on SQLite.
    let databases: [String: String]
    private let settings: [String: String]
    private let running = Locked<[ServiceName: [ServiceProcess]]>([:])
    private let serving: Task<Void, Never>

    /// One of each service, for tests that only publish under ids of their own.
    static func shared() async throws -> RefundSystem { try await sharedTask.value }

    private static let sharedTask = Task {
        let system = try await RefundSystem.make(watching: .everything)
        try await system.start(ServiceName.allCases)
        return system
    }

    /// Runs a test on a system of its own, and ends it whatever the test does.
    ///
    /// - Parameter databases: as ``databases``.
    static func with(
        _ services: [ServiceName] = ServiceName.allCases, instances: Int = 1,
        watching: MessageLog.Scope = .outcomes, settings: [String: String] = [:],
        databases: [String: String] = [:], _ body: (RefundSystem) async throws -> Void
    ) async throws {
        let system = try await make(
            watching: watching, settings: settings, databases: databases)
        do {
            for _ in 0..<instances { try await system.start(services) }
            try await body(system)
        } catch {
            await system.end()
            throw error
        }
        await system.end()
    }

    /// The broker with its topology, and no service yet.
    private static func make(
        watching: MessageLog.Scope, settings: [String: String] = [:],
        databases: [String: String] = [:]
    ) async throws -> RefundSystem {
        let broker = try await PrivateBroker.start()
        let directory = broker.directory + "/system"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let passwords = try await Command.run(
            Repository.path("deploy/rabbitmq/with-passwords.sh"),
            [
                Repository.path("deploy/rabbitmq/definitions.json"), directory + "/secrets",
                directory + "/definitions.json",
            ])
        guard passwords.status == 0 else {
            throw SupportFailure("with-passwords.sh failed: \(passwords.output)")
        }
        try await importDefinitions(broker, directory)
        let client = AMQP.Broker(
            try BrokerConfiguration(uri: broker.url, connectionName: "test"), logger: .quiet)
        let serving = Task { _ = try? await client.run() }
        let messages = try await MessageLog(client, watching)
        return RefundSystem(
            broker: broker, client: client, messages: messages, directory: directory,
            databases: databases, settings: patientSettings.merging(settings) { $1 },
            serving: serving)
    }

    /// Exchanges, queues and users as the repository has them; what is there already stays.
    func importDefinitions() async throws {
        try await Self.importDefinitions(broker, directory)
    }

    private static func importDefinitions(_ broker: PrivateBroker, _ directory: String) async throws
    {
        try await broker.control("import_definitions", directory + "/definitions.json")
    }

    private init(
        broker: PrivateBroker, client: AMQP.Broker, messages: MessageLog, directory: String,
        databases: [String: String], settings: [String: String], serving: Task<Void, Never>
    ) {
        self.broker = broker
        self.client = client
        self.messages = messages
        self.directory = directory
        self.databases = databases
        self.settings = settings
        self.serving = serving
    }

    // MARK: Services

    /// The processes of a service that were started and not killed by ``kill(_:)``.
    func processes(_ service: ServiceName) -> [ServiceProcess] {
        running.withLock { $0[service] ?? [] }
    }

    /// Starts one more instance of each, and waits until all are ready.
    func start(_ services: [ServiceName]) async throws {
        let started = try services.map { try launch($0) }
        for process in started { try await process.waitUntilReady() }
    }

    /// Starts one more instance and does not wait for it.
    @discardableResult
    func launch(
        _ service: ServiceName, arguments: [String] = [], settings: [String: String] = [:]
    ) throws -> ServiceProcess {
        let port = try FreePort.take()
        var stores: [String: String] = [:]
        stores["DATABASE_URL"] = databases[service.rawValue]
        if service == .orchestrator { stores["SANDBOX_URL"] = databases["sandbox"] }
        let environment = try [
            "AMQP_URL": url(of: service.rawValue),
            "DATA_DIR": "\(directory)/data/\(service.rawValue)", "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": "\(port)", "LOG_FORMAT": "json",
            "POLICY_FILE": Repository.path("deploy/refund-policy.yaml"),
        ].merging(stores) { $1 }.merging(self.settings) { $1 }.merging(settings) { $1 }
        let process = try ServiceProcess(
            service.rawValue, arguments: arguments, environment: environment, httpPort: port)
        running.withLock { $0[service, default: []].append(process) }
        return process
    }

    /// kill -9 of the first instance. It is no longer among ``processes(_:)``.
    func kill(_ service: ServiceName) async throws {
        guard let process = forget(service) else {
            throw SupportFailure("\(service) does not run")
        }
        try await process.kill()
    }

    /// The first instance, no longer among ``processes(_:)``.
    func forget(_ service: ServiceName) -> ServiceProcess? {
        running.withLock { running in
            guard running[service]?.isEmpty == false else { return nil }
            return running[service]?.removeFirst()
        }
    }

    /// Takes an instance out of ``processes(_:)``.
    func forget(_ process: ServiceProcess) {
        running.withLock { running in
            for service in running.keys { running[service]?.removeAll { $0 === process } }
        }
    }

    /// Where the data of a service is.
    func database(_ service: ServiceName, _ file: String? = nil) -> String {
        "\(directory)/data/\(service.rawValue)/\(file ?? service.rawValue).sqlite"
    }

    /// The broker's URI of one of the definitions' users.
    func url(of user: String) throws -> String {
        let password = try String(
            contentsOfFile: "\(directory)/secrets/\(user)", encoding: .utf8)
        return broker.url(
            user: user, password: password.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Kills the services, closes the connection and stops the broker.
    private func end() async {
        let processes = running.withLock { running in
            defer { running = [:] }
            return running.values.flatMap(\.self)
        }
        for process in processes where process.isRunning { try? await process.kill() }
        messages.stop()
        serving.cancel()
        await serving.value
        try? await broker.stop()
    }
}
