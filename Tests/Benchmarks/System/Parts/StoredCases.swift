/// (e) Throughput, and the services' memory, beside many cases that are done with.
struct StoredCases {
    /// Of the rate beside the fewest cases, each relative to the pump's.
    private static let least = 0.85
    /// MiB that a service may take more beside the most cases than beside the fewest.
    private static let mostGrowth = 16.0

    /// With its order, its books and what the worker keeps of it, and room for the databases' logs.
    private static let bytesPerCase = 3_600

    let bench: Bench

    func measure() async throws {
        let steps = bench.plan.storedCases
        let count = bench.plan.requestsBesideStored
        var first: (ratio: Double, peaks: [String: Double])?
        for cases in steps {
            try await bench.stockUp(count)
            try await store(cases)
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

    /// Sees to it that so many are there, if the disk has room for them.
    private func store(_ cases: Int) async throws {
        let more = cases / Workload.period - (await bench.stock.count(of: .cases))
        guard more > 0 else { return }
        let (needed, free) = (
            more * Workload.period * Self.bytesPerCase, try bench.fleet.store.freeBytes()
        )
        guard needed < free else {
            throw BenchmarkFailure(
                "\(cases) cases need about \(needed / 1_000_000_000) GB of disk, and "
                    + "\(free / 1_000_000_000) GB are free; leave out part e, or make room")
        }
        _ = try await bench.stock.add(.cases, periods: more)
    }
}
