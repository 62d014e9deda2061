import AMQP
import ArgumentParser
import Foundation
import TestSupport

/// What a connected client costs while nothing happens: it sleeps in poll(2), but for heartbeats
/// and the watchdog.
struct Idle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "CPU and wake-ups of a connected client that has nothing to do.")

    /// Of one second, at most.
    private static let mostMilliseconds = 1.0
    private static let mostWakeups = 20.0

    @Option(help: "Seconds to look for.")
    var seconds = 10

    func run() async throws {
        let node = try await PrivateBroker.start()
        let (cpu, wakeups) = try await withBroker(node.url, name: "idle") { broker in
            try await broker.topology().declare(QueueDeclaration(name: "idle"))
            let consumer = broker.consumer(queue: "idle", prefetch: 100, maxBatch: 100)
            guard await eventually({ consumer.isConsuming && broker.isPublishing }) else {
                throw BenchmarkFailure("the client did not connect")
            }
            let (before, switches) = (ClientFigures.now, Self.voluntarySwitches)
            try await Task.sleep(for: .seconds(seconds))
            let spent = ClientFigures.now - before
            let figures = (
                spent.cpu * 1_000 / spent.seconds,
                Double(Self.voluntarySwitches - switches) / spent.seconds
            )
            await consumer.cancel()
            return figures
        }
        try await node.stop()
        print(
            String(
                format: "an idle client, each second: %.2f ms of CPU (at most %.0f), "
                    + "%.1f wake-ups (at most %.0f)", cpu, Self.mostMilliseconds, wakeups,
                Self.mostWakeups))
        guard cpu <= Self.mostMilliseconds, wakeups <= Self.mostWakeups else {
            throw ExitCode.failure
        }
    }

    /// Of all threads: each time one slept and was woken.
    private static var voluntarySwitches: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_nvcsw
    }
}
