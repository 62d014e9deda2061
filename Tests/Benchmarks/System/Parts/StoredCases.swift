/// (e) Throughput, and the services' memory, beside many cases that are done with.
struct StoredCases {
    /// Of the rate beside the fewest cases, each relative to the pump's.
    private static let least = 0.85
    /// MiB that a service may take more beside the most cases than beside the fewest.
    private static let mostGrowth = 16.0

    let bench: Bench

    func measure() async throws {
        let steps = bench.plan.storedCases
        let count = bench.plan.requestsBesideStored
        var first: (ratio: Double, peaks: [String: Double])?
        for cases in steps {
            try await bench.stockUp(count)
            let more = cases / Workload.period - (await bench.stock.count(of: .cases))
            if more > 0 { _ = try await bench.stock.add(.cases, periods: more) }
            let requests = try bench.requests(count)
            let pump = try await bench.pumped(requests).perSecond
            try await bench.fleet.start()
            bench.fleet.forgetPeaks()
            let system = try await bench.run(requests).perSecond
            let peaks = try bench.fleet.figures().mapValues(\.peakMiB)
            try await bench.fleet.stop()
            let (ratio, gigabytes) = (
                system / pump, Double(try await bench.fleet.store.size()) / 1e9
            )
            bench.report.add(
                .stored, bench.engine, "\(cases) cases", "refunds/s", system: system, pump: pump,
                ratio: ratio)
            bench.report.add(.stored, bench.engine, "\(cases) cases", "GB", system: gigabytes)
            guard let first else {
                first = (ratio, peaks)
                continue
            }
            guard cases == steps.last else { continue }
            let growth = peaks.map { $1 - (first.peaks[$0] ?? 0) }.max() ?? 0
            bench.report.add(
                .stored, bench.engine, "ratio, most ÷ fewest cases", "ratio",
                system: ratio / first.ratio, limit: .atLeast(Self.least))
            bench.report.add(
                .stored, bench.engine, "growth of a service's memory", "MiB more",
                system: max(growth, 0), limit: .atMost(Self.mostGrowth))
        }
    }
}
