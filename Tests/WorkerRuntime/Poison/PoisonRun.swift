import AMQP
import Foundation
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

    /// Dead letters that another one of the same body had come before.
    var copies = 0
    /// Ends of a process that one harmless message was held responsible for, at most.
    var mostSuspected = 0

    /// Between the end of a process and its next start: systemd's default `RestartSec`.
    static let restart: Duration = .milliseconds(100)
    /// Delay steps take this long, lest an endless retry take its day.
    static let delayMilliseconds: Int64 = 20

    /// Publishes all, then has them worked through until `bodies` without poison are done and as
    /// many dead letters are there as there is poison.
    ///
    /// - Parameters:
    ///   - cost: microseconds that a message takes its worker, beside the commit of its batch.
    ///   - kills: how often an operator kills some worker, at random moments.
    static func of(
        _ bodies: [String], workers: Int = 1, cost: Int = 1_000, kills: Int = 0,
        within seconds: Double
    ) async throws -> PoisonRun {
        let rig = try await BrokerRig(
            delays: RetrySchedule.steps.map(\.name), delay: delayMilliseconds)
        for start in stride(from: 0, to: bodies.count, by: 1_000) {
            try await rig.publish(Array(bodies[start..<min(start + 1_000, bodies.count)]))
        }
        var run = PoisonRun()
        let supervisors = (0..<workers).map { _ in Supervisor(rig.uri, cost: cost) }
        try await withThrowingTaskGroup { group in
            for supervisor in supervisors { group.addTask { try await supervisor.run() } }
            defer { group.cancelAll() }
            do {
                async let killed: Void = kill(supervisors, times: kills)
                run.time = try await ContinuousClock().measure {
                    run.mostSuspected = try await awaitAll(
                        Set(bodies.filter { !isPoison($0) }), rig, seconds)
                }
                try await killed
                let letters = try await letters(rig, bodies.filter(isPoison).count, seconds)
                run.letters = Set(letters).sorted()
                run.copies = letters.count - run.letters.count
            } catch {
                let inHand = try await counts(rig)
                group.cancelAll()
                try? await group.waitForAll()
                throw SupportFailure(
                    "\(error)\n" + (try await scene(rig, inHand, supervisors.map(\.lastWords))))
            }
        }
        run.lives = supervisors.map(\.lives).reduce(0, +)
        return run
    }

    private static func kill(_ supervisors: [Supervisor], times: Int) async throws {
        for _ in 0..<times {
            try await Task.sleep(for: .milliseconds(.random(in: 50...250)))
            supervisors.randomElement()?.kill()
        }
    }

    /// The dead letters, once as many different ones as are expected are there and nothing goes round
    /// any more.
    private static func letters(
        _ rig: BrokerRig, _ count: Int, _ seconds: Double
    ) async throws -> [String] {
        var letters: [String] = []
        var quietLooks = 0
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end, quietLooks < Self.quietLooks {
            let new = try await rig.takeAll(of: BrokerRig.deadLetters).map(text)
            letters += new
            let isQuiet = try await waiting(rig) == 0 && new.isEmpty
            quietLooks = isQuiet && Set(letters).count >= count ? quietLooks + 1 : 0
            try await Task.sleep(for: .milliseconds(100))
        }
        guard quietLooks == Self.quietLooks else {
            throw SupportFailure("after \(seconds) s something goes round: \(letters.sorted())")
        }
        return letters
    }

    /// In a row: what a worker has in hand is in no queue.
    private static let quietLooks = 5

    /// Messages ready, but for the dead letters.
    private static func waiting(_ rig: BrokerRig) async throws -> Int {
        try await counts(rig).map(\.count).reduce(0, +)
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

    /// - Returns: the most crashes that any was held responsible for.
    private static func awaitAll(
        _ wanted: Set<String>, _ rig: BrokerRig, _ seconds: Double
    ) async throws -> Int {
        try await withBroker(rig.uri) { broker in
            let consumer = broker.consumer(queue: "out", prefetch: 1_000, maxBatch: 500)
            let late = Task {
                try await Task.sleep(for: .seconds(seconds))
                await consumer.cancel()
            }
            var missing = wanted
            var mostSuspected = 0
            for await batch in consumer {
                for delivery in batch.deliveries {
                    missing.remove(String(decoding: delivery.body, as: UTF8.self))
                    let crashes = delivery.properties.headers?["refund-crashes"]?.integer ?? 0
                    mostSuspected = max(mostSuspected, crashes)
                }
                await batch.ack(batch.deliveries)
                if missing.isEmpty { break }
            }
            late.cancel()
            await consumer.cancel()
            guard missing.isEmpty else {
                throw SupportFailure(
                    "\(missing.count) are not done: \(missing.sorted().prefix(3)), \(mostSuspected)"
                )
            }
            return mostSuspected
        }
    }
}

/// Starts a worker again whenever it ends.
private final class Supervisor: Sendable {
    /// Lives whose last words are kept.
    private static let livesKept = 20
    private let uri: String
    private let words = Mutex<[String]>([])
    private let cost: Int
    private let current = Mutex<(pid: Int32, lives: Int)>((0, 0))

    init(_ uri: String, cost: Int) {
        self.uri = uri
        self.cost = cost
    }

    var lives: Int { current.withLock { $0.lives } }

    /// The last that each of the latest processes said.
    var lastWords: [String] { words.withLock { $0 } }

    func kill() { signal(SIGKILL) }

    func run() async throws {
        let journal = FileManager.default.temporaryDirectory.appending(path: "poison-\(UUID())")
        defer { try? FileManager.default.removeItem(at: journal) }
        while !Task.isCancelled {
            let worker = try ServiceProcess(
                "poison-worker", arguments: [uri, BrokerRig.work, "\(cost)", journal.path],
                environment: [:])
            current.withLock { $0 = (worker.pid, $0.lives + 1) }
            while worker.isRunning, !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(5))
            }
            if worker.isRunning { try await worker.kill() }
            current.withLock { $0.pid = 0 }
            let last = worker.output.split(separator: "\n").suffix(3).joined(separator: "; ")
            words.withLock { $0 = $0.suffix(Self.livesKept - 1) + ["\(worker.pid): \(last)"] }
            try? await Task.sleep(for: PoisonRun.restart)
        }
    }

    private func signal(_ number: Int32) {
        current.withLock { if $0.pid > 0 { _ = Glibc.kill($0.pid, number) } }
    }
}
