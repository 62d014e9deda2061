/// (b) From when a request was due to be sent to its outcome, at parts of the throughput; the raw
/// pump at the same rates.
struct LatencyAtLoad {
    private static let parts = [10, 50, 80]
    /// At half load, of p99.
    private static let mostOfPump = 3.0

    /// For connections, statements and caches to be made.
    private static let warmUpSeconds = 3

    let bench: Bench

    func measure() async throws {
        let throughput = try await throughput()
        let rates = Self.parts.map { max(throughput * Double($0) / 100, 1) }
        let counts = rates.map { Int($0) * bench.plan.latencySeconds }
        let warmUps = rates.map { Int($0) * Self.warmUpSeconds + 1 }
        let spare = Workload.period * 2 * counts.count
        try await bench.stockUp((counts + warmUps).reduce(spare, +))
        for (part, (rate, count)) in zip(Self.parts, zip(rates, counts)) {
            let requests = try bench.requests(count)
            let pump = try await bench.pumped(requests, rate: rate).latency
            try await bench.fleet.start()
            let warmUp = try bench.requests(Int(rate) * Self.warmUpSeconds + 1, as: "warm-up")
            _ = try await bench.run(warmUp, rate: rate)
            let (before, broker) = try (bench.fleet.figures(), bench.installation.brokerFigures())
            let system = try await bench.run(requests, rate: rate).latency
            let (after, brokerAfter) = try (
                bench.fleet.figures(), bench.installation.brokerFigures()
            )
            try await bench.fleet.stop()
            let each = 1e6 / Double(count)
            bench.report.add(
                .latency, bench.engine, "CPU of our processes at \(part) %", "µs/refund",
                system: Footprint.cpu(before, after).values.reduce(0, +) * each)
            bench.report.add(
                .latency, bench.engine, "CPU of the broker at \(part) %", "µs/refund",
                system: (brokerAfter.cpuSeconds - broker.cpuSeconds) * each)
            let percentiles: [(String, KeyPath<Latency, Double>)] = [
                ("p50", \.p50), ("p90", \.p90), ("p99", \.p99), ("max", \.max),
            ]
            for (name, value) in percentiles {
                bench.report.add(
                    .latency, bench.engine, "\(name) at \(part) %, \(Int(rate))/s", "ms",
                    system: system[keyPath: value], pump: pump[keyPath: value],
                    ratio: system[keyPath: value] / pump[keyPath: value],
                    limit: part == 50 && name == "p99" ? .atMost(Self.mostOfPump) : nil)
            }
        }
    }

    /// Refunds a second that the system does: measured before, or else now.
    private func throughput() async throws -> Double {
        let known = bench.report.lines.first {
            $0.part == .throughput && $0.engine == bench.engine
        }
        if let rate = known?.system { return rate }
        return try await Throughput(bench: bench).measure()
    }
}
