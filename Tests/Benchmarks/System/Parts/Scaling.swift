import TestSupport

/// (f) Checks a second of one product with more and more worker processes, when its rules take 10 ms
/// for each check: `slow-worker` is the worker of `notifications` over the same runtime and tables,
/// whose rules sleep first.
///
/// On PostgreSQL alone: the rules are asked inside the worker's transaction, and SQLite has one
/// writer, so there a second worker can only wait for the first.
struct Scaling {
    private static let product = "notifications"
    /// Of one worker.
    private static let checksPerSecond = 100
    private static let least = 7.5

    let bench: Bench

    func measure() async throws {
        guard bench.engine == .postgres else { return }
        // Those of the mix that ask this product alone.
        let places = (0..<Workload.period).filter {
            $0 % 10 != 0 && Fleet.workers[$0 % Fleet.workers.count] == Self.product
        }
        var first: Double?
        for workers in bench.plan.workers {
            let count = workers * Self.checksPerSecond * bench.plan.scalingSeconds
            try await bench.stockUp(count * Workload.period / places.count + Workload.period)
            let requests = try bench.requests(count, places: places)
            let rate = try await measure(requests, workers: workers)
            bench.report.add(
                .scaling, bench.engine, "\(workers) workers", "checks/s", system: rate)
            if let first, workers == bench.plan.workers.last {
                bench.report.add(
                    .scaling, bench.engine, "\(workers) workers ÷ 1", "ratio",
                    system: rate / first, limit: workers == 8 ? .atLeast(Self.least) : nil)
            }
            first = first ?? rate
        }
    }

    /// What counts is the time in which every worker has work.
    private func measure(_ requests: Requests, workers: Int) async throws -> Double {
        try await bench.fleet.start(["orchestrator"])
        let slow = try (0..<workers).map { _ in
            try bench.fleet.launch(Self.product, executable: "slow-worker")
        }
        for worker in slow { try await worker.waitUntilReady(within: 120) }
        let figures = try await bench.run(requests)
        for worker in slow { try await worker.terminate() }
        try await bench.fleet.stop()
        return figures.steadyPerSecond
    }
}
