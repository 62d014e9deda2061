import AMQP
import Foundation
import TestSupport

/// (d) How fast requests are done that waited while the services were stopped: from the first that
/// leaves the queue to the last outcome.
struct Drain {
    private static let queue = "refund.requests"
    /// Of the rate with the smallest backlog, beside the pump's.
    private static let least = 0.9
    /// MiB that a service may take more in the second half than in the first.
    private static let mostGrowth = 16.0

    let bench: Bench

    func measure() async throws {
        var first: Double?
        for backlog in bench.plan.backlogs {
            let times = backlog == bench.plan.backlogs.first ? bench.plan.drainsOfSmallest : 1
            try await bench.stockUp((backlog + Workload.period) * times)
            var runs: [(system: Double, pump: Double)] = []
            var growth = 0.0
            for _ in 0..<times {
                let requests = try bench.requests(backlog)
                let pump = try await drainPump(requests)
                let (system, grown) = try await drainSystem(requests)
                runs.append((system, pump))
                growth = max(growth, grown)
            }
            let middle = runs.sorted { $0.system / $0.pump < $1.system / $1.pump }[times / 2]
            let ratio = middle.system / middle.pump
            let isLast = backlog == bench.plan.backlogs.last
            bench.report.add(
                .drain, bench.engine, "\(backlog) waiting", "refunds/s", system: middle.system,
                pump: middle.pump, ratio: ratio)
            if let first, isLast {
                bench.report.add(
                    .drain, bench.engine, "ratio, most ÷ fewest waiting", "ratio",
                    system: ratio / first, limit: .atLeast(Self.least))
                bench.report.add(
                    .drain, bench.engine, "growth of a service's memory", "MiB more",
                    system: growth, limit: .atMost(Self.mostGrowth))
            }
            first = first ?? ratio
        }
    }

    private func drainPump(_ requests: Requests) async throws -> Double {
        let flow = bench.pump.flow
        _ = try await flow.send(requests.file)
        let subscriber = try await flow.subscribe(requests.count, requests.run)
        async let start = leaving(requests.count, at: bench.installation.pumpURL)
        try await bench.pump.start()
        let figures = try await flow.figures(of: subscriber, requests.count, from: start)
        try await bench.pump.stop()
        return figures.perSecond
    }

    /// - Returns: refunds a second, and how much more memory a service took later.
    private func drainSystem(_ requests: Requests) async throws -> (Double, Double) {
        _ = try await bench.system.send(requests.file)
        try await bench.fleet.start(Fleet.names.filter { $0 != "orchestrator" })
        let subscriber = try await bench.system.subscribe(requests.count, requests.run)
        async let start = leaving(requests.count, at: bench.installation.systemURL)
        try await bench.fleet.start(["orchestrator"])
        let growth = MemoryWatch(bench.fleet)
        let figures = try await bench.system.figures(
            of: subscriber, requests.count, from: start)
        let grown = await growth.end()
        try bench.check(figures, requests)
        try await bench.fleet.stop()
        return (figures.perSecond, grown)
    }

    /// When the first message has left the queue: nanoseconds as in the C programs.
    private func leaving(_ count: Int, at url: String) async throws -> Int64 {
        try await withBroker(url, name: "bench watch") { broker in
            while try await broker.topology().checkQueue(Self.queue).messages >= count {
                try await Task.sleep(for: .milliseconds(2))
            }
            var now = timespec()
            clock_gettime(CLOCK_MONOTONIC, &now)
            return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
        }
    }
}

/// Looks at the services' memory every half second.
struct MemoryWatch {
    private let watching: Task<[[String: Double]], Never>

    init(_ fleet: Fleet) {
        watching = Task {
            var looks: [[String: Double]] = []
            while (try? await Task.sleep(for: .milliseconds(500))) != nil {
                if let figures = try? fleet.figures() {
                    looks.append(figures.mapValues(\.residentMiB))
                }
            }
            return looks
        }
    }

    /// - Returns: by how many MiB the peak of the second half is above that of the first, of the
    ///   service where it is most; the first fifth, in which everything warms up, counts for the first.
    func end() async -> Double {
        watching.cancel()
        let looks = await watching.value
        let (first, second) = (looks.prefix(looks.count / 2), looks.suffix(looks.count / 2))
        let growth = Fleet.names.map { name in
            let peak = { (looks: ArraySlice<[String: Double]>) in
                looks.compactMap { $0[name] }.max() ?? 0
            }
            return peak(second) - peak(first)
        }
        return max(growth.max() ?? 0, 0)
    }
}
