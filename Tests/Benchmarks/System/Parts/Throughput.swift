/// (a) Refunds a second, and (c) what that costs each process.
struct Throughput {
    let bench: Bench

    /// - Returns: refunds a second of the system.
    func measure() async throws -> Double {
        let count = bench.plan.throughput
        try await bench.stockUp(count)
        let requests = try bench.requests(count)
        let pumpBefore = try await pumped(requests)
        try await bench.fleet.start()
        bench.fleet.forgetPeaks()
        let (before, broker) = try (bench.fleet.figures(), bench.installation.brokerFigures())
        let counter = try await DatabaseCounter(bench.fleet)
        let figures = try await bench.run(requests)
        let counted = try await counter.end()
        let (after, brokerAfter) = try (
            bench.fleet.figures(), bench.installation.brokerFigures()
        )
        try await bench.fleet.stop()
        let pumpAfter = try await pumped(requests)

        let pumpRate = 2 / (1 / pumpBefore.rate + 1 / pumpAfter.rate)
        bench.report.add(
            .throughput, bench.engine, "\(count) mixed requests", "refunds/s",
            system: figures.perSecond, pump: pumpRate, ratio: figures.perSecond / pumpRate,
            limit: .atLeast(bench.engine == .sqlite ? 0.6 : 0.45))
        let each = 1e6 / Double(count)
        bench.report.add(
            .throughput, bench.engine, "CPU of the broker", "µs/refund",
            system: (brokerAfter.cpuSeconds - broker.cpuSeconds) * each,
            pump: (pumpBefore.brokerCPU + pumpAfter.brokerCPU) / 2 * each)
        let own = Footprint.cpu(before, after)
        bench.report.add(
            .throughput, bench.engine, "CPU of our processes", "µs/refund",
            system: own.values.reduce(0, +) * each,
            pump: (pumpBefore.cpu + pumpAfter.cpu) / 2 * each)
        Footprint(bench: bench).reportLoad(own, after, counted, count: count)
        return figures.perSecond
    }

    private struct PumpRun {
        var rate: Double
        var cpu: Double
        var brokerCPU: Double
    }

    private func pumped(_ requests: Requests) async throws -> PumpRun {
        let broker = try bench.installation.brokerFigures()
        try await bench.pump.start()
        let figures = try await bench.pump.flow.run(
            requests.file, count: requests.count, run: requests.run)
        let cpu = bench.pump.cpuSeconds()
        try await bench.pump.stop()
        let after = try bench.installation.brokerFigures()
        return PumpRun(
            rate: figures.perSecond, cpu: cpu, brokerCPU: after.cpuSeconds - broker.cpuSeconds)
    }
}
