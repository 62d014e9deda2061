import Foundation
import RefundMessages
import TestSupport

/// One of each service on one kind of database, as processes of the benchmark.
final class Fleet: Sendable {
    static let workers = Product.allCases.map(\.rawValue)
    static let names = workers + ["orchestrator", "dead-letters"]

    let store: any Store
    private let installation: Installation
    private let running = Locked<[String: ServiceProcess]>([:])

    init(_ installation: Installation, _ store: any Store) {
        self.installation = installation
        self.store = store
    }

    /// Those that run, by name.
    var processes: [String: ServiceProcess] { running.withLock { $0 } }

    /// Starts them one after the other.
    /// - Returns: seconds from each one's start until it said that it is ready.
    @discardableResult
    func start(_ names: [String] = Fleet.names) async throws -> [String: Double] {
        var seconds: [String: Double] = [:]
        for name in names {
            let begun = ContinuousClock.now
            let process = try launch(name)
            running.withLock { $0[name] = process }
            try await process.waitUntilReady(within: 120)
            seconds[name] = (ContinuousClock.now - begun) / .seconds(1)
        }
        return seconds
    }

    /// Starts one more instance of a worker, from another executable where that is given.
    func launch(_ name: String, executable: String? = nil) throws -> ServiceProcess {
        let port = try FreePort.take()
        let environment = try [
            "AMQP_URL": installation.url(of: name), "DATA_DIR": directory, "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": "\(port)", "LOG_FORMAT": "text", "LOG_LEVEL": "warning",
            "POLICY_FILE": Repository.path("deploy/refund-policy.yaml"),
        ].merging(store.settings(of: name)) { $1 }
        return try ServiceProcess(
            executable: Programs.path(executable ?? name), name: name, environment: environment,
            httpPort: port)
    }

    /// The orderly end of those, at once.
    func stop(_ names: [String] = Fleet.names) async throws {
        let ending = running.withLock { running in
            names.compactMap { running.removeValue(forKey: $0) }
        }
        try await withThrowingTaskGroup { group in
            for process in ending { group.addTask { try await process.terminate() } }
            try await group.waitForAll()
        }
    }

    func figures() throws -> [String: ProcessFigures] {
        try processes.reduce(into: [:]) { figures, one in
            guard let figure = ProcessFigures(pid: one.value.pid) else {
                throw BenchmarkFailure("\(one.key) has ended: \(one.value.output.suffix(2_000))")
            }
            figures[one.key] = figure
        }
    }

    func forgetPeaks() {
        for process in processes.values { ProcessFigures.forgetPeak(of: process.pid) }
    }

    private var directory: String { store.directory }
}

/// The executables of the build that the benchmark is part of.
enum Programs {
    static func path(_ name: String) -> String {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: name).path
    }
}
