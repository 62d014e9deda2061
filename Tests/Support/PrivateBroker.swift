import Foundation

/// A real RabbitMQ of the test's own, started by deploy/local/broker.sh on free loopback ports.
public final class PrivateBroker: Sendable {
    /// Everything of the node is under it; removed with it.
    public let directory: String
    /// The AMQP port; a restart keeps it.
    public let port: Int

    /// One for all tests of a process, started by the first that asks. Tests keep apart by queue
    /// names or virtual hosts; whoever stops, pauses or kills a broker starts one of its own.
    public static func shared() async throws -> PrivateBroker { try await sharedTask.value }

    private static let sharedTask = Task { try await PrivateBroker.start() }

    /// - Parameters:
    ///   - definitions: a file to import after the start; `guest` stays, with every right.
    ///   - configuration: lines for rabbitmq.conf.
    ///   - plugins: to enable, of those that come with RabbitMQ.
    public static func start(
        definitions: String? = nil, configuration: String = "", plugins: [String] = []
    ) async throws -> PrivateBroker {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "refund-broker-\(UUID())").path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        try configuration.write(
            toFile: directory + "/extra.conf", atomically: true, encoding: .utf8)
        try "[\(plugins.joined(separator: ","))].".write(
            toFile: directory + "/enabled_plugins", atomically: true, encoding: .utf8)
        try Guardian.leave(#""$1" stop "$2"; rm -rf "$2""#, [script, directory])
        let ending = try await Command.run(script, ["start", directory])
        guard ending.status == 0, let port = try Int(read(directory, "amqp-port")) else {
            throw SupportFailure("the private broker did not start: \(ending.output)")
        }
        let broker = PrivateBroker(directory: directory, port: port)
        if let definitions {
            _ = try await broker.control("import_definitions", definitions)
        }
        return broker
    }

    /// `amqp://` URI of a user (`guest` may do everything) and virtual host.
    public func url(user: String = "guest", password: String = "guest", virtualHost: String = "")
        -> String
    {
        "amqp://\(user):\(password)@127.0.0.1:\(port)/\(virtualHost)"
    }

    /// The same with the default user.
    public var url: String { url() }

    /// rabbitmqctl.
    /// - Returns: what it printed.
    @discardableResult
    public func control(_ arguments: String...) async throws -> String {
        let ending = try await Command.run(Self.script, ["ctl", directory] + arguments)
        guard ending.status == 0 else {
            throw SupportFailure("rabbitmqctl \(arguments) failed: \(ending.output)")
        }
        return ending.output
    }

    /// A virtual host of the test's own, where `guest` may do everything.
    public func makeVirtualHost() async throws -> String {
        let name = "test-\(UUID())"
        try await control("add_vhost", name)
        try await control("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
        return name
    }

    /// The orderly end. Data stays for ``restart()``.
    public func stop() async throws {
        _ = try await Command.run(Self.script, ["stop", directory])
    }

    /// The other end: kill -9.
    public func kill() { signal(SIGKILL) }

    /// SIGSTOP, and waits until it took effect: connections stay open and nobody answers. One thread
    /// takes the signal and then stops the others; until it gets its turn they go on answering.
    public func pause() async throws {
        signal(SIGSTOP)
        guard await eventually({ isStopped }) else {
            throw SupportFailure("the broker did not stop, or is not running")
        }
    }

    /// SIGCONT.
    public func resume() { signal(SIGCONT) }

    /// Starts again on the same port, after ``stop()`` or ``kill()``.
    public func restart() async throws {
        try await Self.waitForEnd(of: directory + "/pid")
        let ending = try await Command.run(Self.script, ["start", directory, "\(port)"])
        guard ending.status == 0 else {
            throw SupportFailure("the private broker did not restart: \(ending.output)")
        }
    }

    /// Waits until the process of a pid file, if it was killed, has ended: until then the script would
    /// take it for one that runs.
    static func waitForEnd(of pidFile: String) async throws {
        let hasEnded = await eventually {
            guard let pid = try? String(contentsOfFile: pidFile, encoding: .utf8) else {
                return true
            }
            let process = pid.trimmingCharacters(in: .whitespacesAndNewlines)
            // Nobody may reap it: a dead process has no command line, and no other threads.
            let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
            let threads = try? FileManager.default.contentsOfDirectory(
                atPath: "/proc/\(process)/task")
            return line.isEmpty && (threads?.count ?? 0) <= 1
        }
        guard hasEnded else { throw SupportFailure("the process of \(pidFile) did not end") }
    }

    private init(directory: String, port: Int) {
        self.directory = directory
        self.port = port
    }

    private func signal(_ number: Int32) {
        guard let pid = try? Int32(Self.read(directory, "pid")) else { return }
        _ = Foundation.kill(pid, number)
    }

    private var isStopped: Bool {
        guard let pid = try? Self.read(directory, "pid"),
            let threads = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
        else { return false }
        return threads.allSatisfy { thread in
            let status = try? String(
                contentsOfFile: "/proc/\(pid)/task/\(thread)/status", encoding: .utf8)
            return status?.contains("State:\tT") ?? true
        }
    }

    private static func read(_ directory: String, _ file: String) throws -> String {
        try String(contentsOfFile: directory + "/" + file, encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static let script = Repository.path("deploy/local/broker.sh")
}

/// Where the tests find what is not Swift.
public enum Repository {
    /// The absolute path of a file of the repository.
    public static func path(_ relative: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: relative).path
    }
}
