import AMQP
import ArgumentParser
import Foundation
import Logging
import TestSupport

/// Shared/AMQP beside a C program on bare librabbitmq: one private broker, the same settings, their
/// runs in turn (C Swift, Swift C, …), so that whatever else the machine does falls on both.
struct CompareAMQP: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "amqp",
        abstract: "Shared/AMQP beside C on bare librabbitmq: speed and CPU as ratios.")

    @Option(help: "Pairs of runs that count, after one that does not.")
    var rounds = 8
    @Option(help: "Messages published, then consumed, in each run.")
    var messages = 50_000
    @Option(help: "Bytes of a body.")
    var bytes = 500
    @Option(help: "Messages published and not yet confirmed, at most.")
    var window = 2_000
    @Option(help: "Messages delivered and not yet acked, at most.")
    var prefetch = 1_000
    @Option(help: "Deliveries for each ack.")
    var perAck = 100

    func run() async throws {
        print("\(messages) persistent messages of \(bytes) bytes in a quorum queue, each run:")
        print("window \(window), prefetch \(prefetch), an ack for \(perAck) deliveries")
        let node = try await PrivateBroker.start()
        let results = try await measure(node)
        try await node.stop()
        let table = ComparisonTable(results)
        print(table.text)
        guard table.isWithinLimits else { throw ExitCode.failure }
    }

    private func measure(_ node: PrivateBroker) async throws -> [Comparison] {
        let broker = Broker(
            try BrokerConfiguration(uri: node.url, connectionName: "bench control"),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await broker.run() }
        defer { running.cancel() }
        var results: [Comparison] = []
        for round in 0...rounds {
            var result = Comparison()
            let order: [Contestant] = round.isMultiple(of: 2) ? [.c, .swift] : [.swift, .c]
            for contestant in order {
                result[contestant] = try await contestant.run(self, on: node, broker)
            }
            if round > 0 { results.append(result) }
        }
        return results
    }
}

/// Who is measured.
enum Contestant: String, CaseIterable {
    case c = "C"
    case swift = "Swift"

    /// Both are built into one folder.
    private var command: (String, [String]) {
        let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        return switch self {
        case .c: (folder.appending(path: "raw-amqp").path, [])
        case .swift: (folder.appending(path: "refund-bench").path, ["amqp-leg"])
        }
    }

    /// Publishes to a fresh queue, then empties it.
    func run(_ settings: CompareAMQP, on node: PrivateBroker, _ broker: Broker) async throws
        -> RunFigures
    {
        let queue = "bench-\(UUID())"
        try await broker.topology().declare(
            QueueDeclaration(
                name: queue,
                arguments: FieldTable([("x-queue-type", .string(Array("quorum".utf8)))])))
        let common = [node.url, queue, "\(settings.messages)", "\(settings.bytes)"]
        let publish = try await leg(["publish"] + common + ["\(settings.window)"])
        let consume = try await leg(
            ["consume"] + common + ["\(settings.prefetch)", "\(settings.perAck)"])
        let left = try await broker.topology().checkQueue(queue).messages
        guard left == 0 else { throw BenchmarkFailure("\(rawValue) left \(left) messages") }
        _ = try await broker.topology().deleteQueue(queue)
        return RunFigures(publish: publish, consume: consume, messages: settings.messages)
    }

    private func leg(_ arguments: [String]) async throws -> ClientFigures {
        let (executable, first) = command
        let ending = try await Command.run(executable, first + arguments)
        guard ending.status == 0, let figures = ClientFigures(line: ending.output) else {
            throw BenchmarkFailure("\(rawValue) failed to \(arguments[0]): \(ending.output)")
        }
        return figures
    }
}
