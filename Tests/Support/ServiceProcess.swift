import Foundation
import FoundationNetworking

/// A service under test as a process of its own, killed at the latest with the test process.
public final class ServiceProcess: Sendable {
    /// Its process id.
    public let pid: Int32
    /// What it printed, growing.
    public let outputPath: String
    private let child: ChildProcess
    /// Where its HTTP listens, as it was told.
    public let httpPort: Int?

    /// Launches an executable of this package's build.
    /// - Parameters:
    ///   - name: as `certificates`.
    ///   - environment: all of it, but PATH.
    ///   - httpPort: where ``waitUntilReady(within:)`` asks.
    public convenience init(
        _ name: String, arguments: [String] = [], environment: [String: String],
        httpPort: Int? = nil
    ) throws {
        try self.init(
            executable: try Self.executable(name).path, name: name, arguments: arguments,
            environment: environment, httpPort: httpPort)
    }

    /// Launches any program, by its absolute path. `name` is that of the file of its output.
    public init(
        executable: String, name: String, arguments: [String] = [],
        environment: [String: String], httpPort: Int? = nil
    ) throws {
        outputPath =
            FileManager.default.temporaryDirectory
            .appending(path: "\(name)-\(UUID()).log").path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        child = try ChildProcess(
            executable, arguments,
            environment: environment.merging(["PATH": path]) { given, _ in given },
            output: outputPath)
        pid = child.pid
        self.httpPort = httpPort
        // By then the pid may be another program's.
        try Guardian.leave(
            #"[ "/proc/$1/exe" -ef "$3" ] && kill -9 "$1"; rm -f "$2""#,
            ["\(pid)", outputPath, executable])
    }

    /// Where that executable of this package's build is.
    public static func path(of name: String) throws -> String { try executable(name).path }

    /// In the folder that REFUND_TEST_BIN names, as that of a release build; else beside the test
    /// bundle in the build folder.
    private static func executable(_ name: String) throws -> URL {
        if let folder = ProcessInfo.processInfo.environment["REFUND_TEST_BIN"] {
            return URL(filePath: folder).appending(path: name)
        }
        var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        for _ in 0..<4 {
            let candidate = folder.appending(path: name)
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            folder = folder.deletingLastPathComponent()
        }
        throw SupportFailure("there is no executable '\(name)' beside the tests: build it first")
    }

    /// Whether it runs.
    public var isRunning: Bool { child.status == nil }

    /// What it printed so far.
    public var output: String {
        // It may be in the middle of a character.
        String(decoding: FileManager.default.contents(atPath: outputPath) ?? Data(), as: UTF8.self)
    }

    /// Until /readyz answers 200.
    public func waitUntilReady(within seconds: Double = 120) async throws {
        let isReady = await eventually(within: seconds) {
            guard isRunning else { return true }
            return (try? await get("/readyz").status) == 200
        }
        guard isReady, isRunning else {
            throw SupportFailure("the service did not get ready; it printed:\n\(output)")
        }
    }

    /// A GET of its HTTP port.
    public func get(_ path: String) async throws -> (status: Int, body: String) {
        guard let httpPort, let url = URL(string: "http://127.0.0.1:\(httpPort)\(path)") else {
            throw SupportFailure("the service was started without an HTTP port")
        }
        let (data, response) = try await Self.session.data(from: url)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        return (status, String(decoding: data, as: UTF8.self))
    }

    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = 30
        return URLSession(configuration: configuration)
    }()

    /// SIGTERM, then waits for its end.
    /// - Returns: the exit status.
    @discardableResult
    public func terminate(within seconds: Double = 120) async throws -> Int32 {
        Foundation.kill(pid, SIGTERM)
        return try await waitForEnd(within: seconds)
    }

    /// kill -9, then waits for its end.
    public func kill() async throws {
        Foundation.kill(pid, SIGKILL)
        _ = try await waitForEnd(within: 120)
    }

    /// - Returns: the exit status, or the signal's number where one ended it.
    public func waitForEnd(within seconds: Double) async throws -> Int32 {
        _ = await eventually(within: seconds) { !isRunning }
        guard let status = child.status else {
            throw SupportFailure("the service did not end; it printed:\n\(output)")
        }
        return status
    }

    /// How long its threads were ready to run while other processes had the cores, summed up; zero
    /// where the kernel does not tell (`schedstat`).
    public func timeWaitedForCores() -> Duration {
        let folder = "/proc/\(pid)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let nanoseconds = threads.compactMap { thread -> Int64? in
            let text = try? String(
                contentsOfFile: "\(folder)/\(thread)/schedstat", encoding: .utf8)
            return text?.split(separator: " ").dropFirst().first.flatMap { Int64($0) }
        }
        return .nanoseconds(nanoseconds.reduce(0, +))
    }

    /// Resident memory in bytes (`VmRSS`).
    public func residentBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        for line in status.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            if let kibibytes = line.split(separator: " ").compactMap({ Int($0) }).first {
                return kibibytes * 1_024
            }
        }
        throw SupportFailure("the process \(pid) has no memory: it has ended")
    }
}

/// Ports nobody listens on.
public enum FreePort {
    /// Below Linux's ephemeral ports, so that no outgoing connection takes one in between, and apart
    /// from those that deploy/local/process.sh chooses from for the brokers started meanwhile.
    private static let range = 27_000...32_767
    private static let given = Locked<Set<Int>>([])

    /// A TCP port on loopback, never the same twice in a process.
    public static func take() throws -> Int {
        for _ in 0..<200 {
            let port = Int.random(in: range)
            let isNew = given.withLock { $0.insert(port).inserted }
            if isNew, canBind(port) { return port }
        }
        throw SupportFailure("no port is free from \(range.lowerBound) to \(range.upperBound)")
    }

    private static func canBind(_ port: Int) -> Bool {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
