import AMQP
import Glibc
import Synchronization
import TestSupport

@testable import WorkerRuntime

/// Messages through real worker processes that a supervisor starts again, on a real broker.
struct PoisonRun {
    /// From the first start to the last of the harmless messages done.
    var time = Duration.zero
    /// Processes started.
    var lives = 0
    /// Bodies of the dead letters, with their reasons, sorted; each once, as the dead-letter service
    /// stores them (a crash between a confirm and the ack publishes one again).
    var letters: [String] = []

    /// Between the end of a process and its next start: systemd's default `RestartSec`.
    static let restart: Duration = .milliseconds(100)
    /// Delay steps take this long, lest an endless retry take its day.
    static let delayMilliseconds: Int64 = 20

    /// Publishes all, then has them worked through until `bodies` without poison are done and as
    /// many dead letters are there as there is poison.
    ///
    /// - Parameter killing: how often an operator kills some worker, at random moments.
    static func of(
        _ bodies: [String], workers: Int = 1, killing kills: Int = 0, within seconds: Double
    ) async throws -> PoisonRun {
        let rig = try await BrokerRig(
            delays: RetrySchedule.steps.map(\.name), delay: delayMilliseconds)
        for start in stride(from: 0, to: bodies.count, by: 1_000) {
            try await rig.publish(Array(bodies[start..<min(start + 1_000, bodies.count)]))
        }
        let harmless = Set(bodies.filter { !isPoison($0) })
        var run = PoisonRun()
        let supervisors = (0..<workers).map { _ in Supervisor(rig.uri) }
        try await withThrowingTaskGroup { group in
            for supervisor in supervisors { group.addTask { try await supervisor.run() } }
            group.addTask {
                for _ in 0..<kills {
                    try await Task.sleep(for: .milliseconds(.random(in: 100...500)))
                    supervisors.randomElement()?.kill()
                }
            }
            defer { group.cancelAll() }
            run.time = try await ContinuousClock().measure {
                try await awaitAll(harmless, rig, seconds)
            }
            let poison = bodies.count - harmless.count
            var letters: Set<String> = []
            let end = ContinuousClock.now + .seconds(seconds)
            while letters.count < poison, ContinuousClock.now < end {
                letters.formUnion(try await rig.takeAll(of: BrokerRig.deadLetters).map(text))
                try await Task.sleep(for: .milliseconds(100))
            }
            run.letters = letters.sorted()
        }
        run.lives = supervisors.map(\.lives).reduce(0, +)
        return run
    }

    static func isPoison(_ body: String) -> Bool {
        ["crash", "malformed", "endless"].contains { body.hasPrefix($0) }
    }

    /// Body and reason: our own, or the broker's.
    private static func text(_ letter: Delivery) -> String {
        let headers = letter.properties.headers
        let reason = headers?["refund-reason"] ?? headers?["x-first-death-reason"]
        return String(decoding: letter.body, as: UTF8.self) + " "
            + (reason?.text(atMost: 255) ?? "?")
    }

    private static func awaitAll(
        _ wanted: Set<String>, _ rig: BrokerRig, _ seconds: Double
    ) async throws {
        try await withBroker(rig.uri) { broker in
            let consumer = broker.consumer(queue: "out", prefetch: 1_000, maxBatch: 500)
            let late = Task {
                try await Task.sleep(for: .seconds(seconds))
                await consumer.cancel()
            }
            var missing = wanted
            for await batch in consumer {
                for delivery in batch.deliveries {
                    missing.remove(String(decoding: delivery.body, as: UTF8.self))
                }
                await batch.ack(batch.deliveries)
                if missing.isEmpty { break }
            }
            late.cancel()
            await consumer.cancel()
            guard missing.isEmpty else {
                throw SupportFailure("\(missing.count) harmless messages are not done")
            }
        }
    }
}

/// Starts a worker again whenever it ends.
private final class Supervisor: Sendable {
    private let uri: String
    private let current = Mutex<(pid: Int32, lives: Int)>((0, 0))

    init(_ uri: String) { self.uri = uri }

    var lives: Int { current.withLock { $0.lives } }

    func kill() { signal(SIGKILL) }

    func run() async throws {
        while !Task.isCancelled {
            let worker = try ServiceProcess(
                "poison-worker", arguments: [uri, BrokerRig.work], environment: [:])
            current.withLock { $0 = (worker.pid, $0.lives + 1) }
            while worker.isRunning, !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(5))
            }
            if worker.isRunning { try await worker.kill() }
            current.withLock { $0.pid = 0 }
            try? await Task.sleep(for: PoisonRun.restart)
        }
    }

    private func signal(_ number: Int32) {
        current.withLock { if $0.pid > 0 { _ = Glibc.kill($0.pid, number) } }
    }
}
