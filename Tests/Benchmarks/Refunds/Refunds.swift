import AMQP
import ArgumentParser
import Foundation
import Logging
import RefundMessages

/// Measures a running system: throughput from the first publish to the last outcome, then latency at
/// a steady rate. `make bench` starts the system and this beside it.
struct Refunds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Refunds per second and latency of a running system.")

    /// Requests handed over in one publishing call.
    private static let burst = 500
    /// The longest wait for all outcomes.
    private static let patience: Duration = .seconds(120)

    @Option(help: "The broker; a user that may publish requests and facts and make a queue.")
    var amqpURL: String
    @Option(help: "Directory of the services' pid files.")
    var pids: String
    @Option(help: "Requests of the throughput part.")
    var requests = 5_000
    @Option(help: "Requests per second of the latency part.")
    var rate = 100
    @Option(help: "Seconds of the latency part.")
    var seconds = 20

    func run() async throws {
        let broker = Broker(
            try BrokerConfiguration(uri: amqpURL, connectionName: "refund-bench"),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await broker.run() }
        defer { running.cancel() }
        let clock = OutcomeClock()
        let consumer = broker.consumer(
            temporaryBoundTo: [Binding(exchange: "refund.outcomes", routingKey: "#")],
            prefetch: 2_000, maxBatch: 1_000)
        let listening = Task { await clock.listen(consumer) }
        defer { listening.cancel() }
        while !consumer.isConsuming { try await Task.sleep(for: .milliseconds(20)) }

        report("idle", before: [])
        try await throughput(broker, clock)
        try await latency(broker, clock)
        await consumer.cancel()
    }

    private func throughput(_ broker: Broker, _ clock: OutcomeClock) async throws {
        let load = workload("t")
        try await publishFacts(load, requests, broker)
        let before = ProcessFigures.all(in: pids)
        let start = ContinuousClock.now
        for first in stride(from: 0, to: requests, by: Self.burst) {
            let last = min(first + Self.burst, requests)
            try await publish((first..<last).map(load.request), broker)
        }
        let arrivals = try await clock.arrivals(
            of: load.run, count: requests, within: Self.patience)
        let elapsed = ((arrivals.values.map(\.at).max() ?? start) - start) / .seconds(1)
        let refunded = arrivals.values.count { $0.status == .refunded }
        print(
            "throughput: \(refunded) of \(requests) refunded in \(text(elapsed)) s = "
                + "\(Int(Double(refunded) / elapsed)) refunds/s")
        report("after throughput", before: before)
        guard refunded == requests else { throw ExitCode.failure }
    }

    private func latency(_ broker: Broker, _ clock: OutcomeClock) async throws {
        let load = workload("l")
        let count = rate * seconds
        try await publishFacts(load, count, broker)
        let start = ContinuousClock.now
        var sent: [ContinuousClock.Instant] = []
        await withTaskGroup { group in
            for number in 0..<count {
                let due = start + .seconds(1) * number / rate
                try? await Task.sleep(until: due, clock: .continuous)
                sent.append(ContinuousClock.now)
                group.addTask { _ = try? await broker.publisher.publish([load.request(number)]) }
            }
        }
        let arrivals = try await clock.arrivals(
            of: load.run, count: count, within: Self.patience)
        let milliseconds = (0..<count).compactMap { number in
            arrivals[load.requestID(number)].map { ($0.at - sent[number]) / .milliseconds(1) }
        }.sorted()
        guard milliseconds.count == count else {
            print("latency: only \(milliseconds.count) of \(count) answered")
            throw ExitCode.failure
        }
        let quantiles = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0)].map {
            "\($0) \(text(milliseconds[min(count - 1, Int(Double(count) * $1))])) ms"
        }
        print(
            "latency at \(rate)/s over \(seconds) s: \(quantiles.joined(separator: ", "))")
    }

    private func workload(_ part: String) -> Workload {
        let now = Int64(Date().timeIntervalSince1970)
        return Workload(
            run: "\(part)\(String(now, radix: 36))", paidAt: Instant(seconds: now - 86_400),
            requestedAt: Instant(seconds: now))
    }

    /// Facts are there before the clock starts: what is measured is the refund.
    private func publishFacts(_ load: Workload, _ count: Int, _ broker: Broker) async throws {
        for first in stride(from: 0, to: count, by: Self.burst) {
            let last = min(first + Self.burst, count)
            try await publish((first..<last).flatMap(load.facts), broker)
        }
        let queues = ["orders"] + Product.allCases.map(\.rawValue)
        for queue in queues {
            while try await broker.topology().checkQueue("refund.facts.\(queue)").messages > 0 {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        // Ready counts do not show what is delivered and not yet acked.
        try await Task.sleep(for: .milliseconds(500))
    }

    private func publish(_ messages: [OutgoingMessage], _ broker: Broker) async throws {
        let outcomes = try await broker.publisher.publish(messages)
        guard outcomes.allSatisfy({ $0 == .confirmed }) else {
            print("the broker did not take every message")
            throw ExitCode.failure
        }
    }

    private func report(_ moment: String, before: [ProcessFigures]) {
        for figures in ProcessFigures.all(in: pids) {
            let earlier = before.first { $0.name == figures.name }?.cpuSeconds
            let cpu = earlier.map { ", \(text(figures.cpuSeconds - $0)) s of CPU" } ?? ""
            print("\(moment): \(figures.name) \(text(figures.residentMiB)) MiB\(cpu)")
        }
    }

    private func text(_ number: Double) -> String { String(format: "%.2f", number) }
}
