import Foundation

/// A real PostgreSQL of the test's own, started by deploy/local/postgres.sh on a free loopback port.
public final class PrivatePostgres: Sendable {
    /// Everything of the server is under it; removed with it.
    public let directory: String
    /// A restart keeps it.
    public let port: Int
    /// Of the user `refund`, who may do everything.
    public let password: String

    /// One for all tests of a process, started by the first that asks. Tests keep apart by databases;
    /// whoever stops, pauses or kills a server starts one of its own.
    public static func shared() async throws -> PrivatePostgres { try await sharedTask.value }

    private static let sharedTask = Task {
        try await PrivatePostgres.start(isDurable: false)
    }

    /// - Parameters:
    ///   - isDurable: whether it waits for the disk, as where a crash is tried.
    ///   - configuration: more lines for postgresql.conf.
    ///   - files: by name, put into its directory, readable for its user alone.
    public static func start(
        isDurable: Bool = true, configuration: String = "", files: [String: String] = [:]
    ) async throws -> PrivatePostgres {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "refund-postgres-\(UUID())").path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        // Enough for tests at once, and small enough to start fast.
        let common = """
            max_connections = 200
            shared_buffers = 32MB
            fsync = \(isDurable ? "on" : "off")
            \(configuration)

            """
        try common.write(toFile: directory + "/extra.conf", atomically: true, encoding: .utf8)
        for (name, contents) in files {
            try await hand(contents, to: directory + "/" + name)
        }
        try Guardian.leave(#""$1" stop "$2"; rm -rf "$2""#, [script, directory])
        let ending = try await Command.run(script, ["start", directory])
        guard ending.status == 0, let port = Int(try read(directory, "port")) else {
            throw SupportFailure("the private PostgreSQL did not start: \(ending.output)")
        }
        return PrivatePostgres(
            directory: directory, port: port, password: try read(directory, "password"))
    }

    /// URL of a database; of the administrative one by default.
    public func url(_ database: String = "postgres", host: String = "127.0.0.1") -> String {
        "postgres://refund:\(password)@\(host):\(port)/\(database)"
    }

    /// A database of the test's own.
    /// - Returns: its URL.
    public func makeDatabase() async throws -> String {
        let name = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }
        let ending = try await Command.run(Self.script, ["create", directory, name])
        guard ending.status == 0 else {
            throw SupportFailure("no database could be made: \(ending.output)")
        }
        return url(name)
    }

    /// Runs SQL in a database, outside of any transaction of the test's.
    /// - Returns: what it printed.
    @discardableResult
    public func sql(_ statement: String, in database: String = "postgres") async throws -> String {
        let ending = try await Command.run(Self.script, ["sql", directory, database, statement])
        guard ending.status == 0 else {
            throw SupportFailure("\(statement) failed: \(ending.output)")
        }
        return ending.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The orderly end. Data stays for ``restart()``.
    public func stop() async throws {
        _ = try await Command.run(Self.script, ["stop", directory])
    }

    /// kill -9 of the server and all its sessions: the next start recovers from its log.
    public func kill() { signal(SIGKILL) }

    /// SIGSTOP: connections stay open and nobody answers.
    public func pause() { signal(SIGSTOP) }

    /// SIGCONT.
    public func resume() { signal(SIGCONT) }

    /// Starts again on the same port, after ``stop()`` or ``kill()``.
    public func restart() async throws {
        try await PrivateBroker.waitForEnd(of: directory + "/pid")
        let ending = try await Command.run(Self.script, ["start", directory, "\(port)"])
        guard ending.status == 0 else {
            throw SupportFailure("the private PostgreSQL did not restart: \(ending.output)")
        }
    }

    private init(directory: String, port: Int, password: String) {
        self.directory = directory
        self.port = port
        self.password = password
    }

    /// The server stops first, so that it starts no session that would be missed.
    private func signal(_ number: Int32) {
        guard let pid = try? Int32(Self.read(directory, "pid")) else { return }
        if number != SIGCONT { _ = Foundation.kill(pid, SIGSTOP) }
        let list = (try? Self.read("/proc/\(pid)/task/\(pid)", "children")) ?? ""
        for process in [pid] + list.split(separator: " ").compactMap({ Int32($0) }) {
            _ = Foundation.kill(process, number)
        }
    }

    /// A key that others may read is refused by the server.
    private static func hand(_ contents: String, to path: String) async throws {
        try contents.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        guard getuid() == 0 else { return }
        let ending = try await Command.run("/bin/chown", ["postgres:", path])
        guard ending.status == 0 else { throw SupportFailure("chown failed: \(ending.output)") }
    }

    private static func read(_ directory: String, _ file: String) throws -> String {
        try String(contentsOfFile: directory + "/" + file, encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static let script = Repository.path("deploy/local/postgres.sh")
}
