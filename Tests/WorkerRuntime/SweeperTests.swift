import Logging
import ServiceLifecycle
import ServiceLifecycleTestKit
import Synchronization
import Testing

@testable import WorkerRuntime

private struct Broken: Error, CustomStringConvertible {
    var description: String
}

/// Counts sweeps and lets a test wait for the next one.
private final class Sweeps: Sendable {
    private let count = Mutex(0)
    private let stream = AsyncStream.makeStream(of: Int.self)

    func swept() -> Int {
        let number = count.withLock { count in
            count += 1
            return count
        }
        stream.continuation.yield(number)
        return number
    }

    func wait(for number: Int) async {
        for await swept in stream.stream where swept >= number { return }
    }

    var total: Int { count.withLock { $0 } }
}

@Suite("Sweeper", .timeLimit(.minutes(5))) struct SweeperTests {
    @Test("It sweeps at once, at its interval, and ends on graceful shutdown")
    func interval() async throws {
        let sweeps = Sweeps()
        let sweeper = Sweeper("s", every: .milliseconds(1), logger: quiet) { _ = sweeps.swept() }
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup { group in
                group.addTask { try await sweeper.run() }
                await sweeps.wait(for: 5)
                trigger.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
        #expect(sweeps.total >= 5)
    }

    @Test("A wake ends a long pause, also one that comes before it")
    func wakes() async throws {
        let sweeps = Sweeps()
        let wake = SweeperWake()
        let sweeper = Sweeper("s", every: .seconds(3_600), logger: quiet, wake: wake) {
            if sweeps.swept() < 3 { wake.wake() }
        }
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup { group in
                group.addTask { try await sweeper.run() }
                await sweeps.wait(for: 3)
                wake.wake()
                await sweeps.wait(for: 4)
                trigger.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
        #expect(sweeps.total == 4)
    }

    @Test("A failure is said when it begins, changes and ends, not at each sweep")
    func failures() async throws {
        let lines = Lines()
        let sweeps = Sweeps()
        let sweeper = Sweeper("s", every: .milliseconds(1), logger: lines.logger) {
            switch sweeps.swept() {
            case 1...3: throw Broken(description: "one")
            case 4...6: throw Broken(description: "two")
            default: break
            }
        }
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup { group in
                group.addTask { try await sweeper.run() }
                await sweeps.wait(for: 9)
                trigger.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
        #expect(lines.all == ["sweep fails one", "sweep fails two", "sweep works again"])
    }
}

/// Keeps messages with their error.
private final class Lines: LogHandler {
    private let lines = Mutex<[String]>([])
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
    var all: [String] { lines.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in self } }

    func log(event: LogEvent) {
        let error = event.metadata?["error"].map { " \($0)" } ?? ""
        lines.withLock { $0.append("\(event.message)\(error)") }
    }
}
