/// (c) Memory and CPU of each service, idle and under full load; what a refund asks of the database.
struct Footprint {
    /// For the services to come to rest, and then to be watched.
    private static let restSeconds = 5.0

    let bench: Bench

    static func cpu(_ before: [String: ProcessFigures], _ after: [String: ProcessFigures])
        -> [String: Double]
    {
        after.reduce(into: [:]) { cpu, one in
            cpu[one.key] = one.value.cpuSeconds - (before[one.key]?.cpuSeconds ?? 0)
        }
    }

    func measureIdle() async throws {
        try await bench.fleet.start()
        try await Task.sleep(for: .seconds(Self.restSeconds))
        let before = try bench.fleet.figures()
        try await Task.sleep(for: .seconds(Self.restSeconds))
        let after = try bench.fleet.figures()
        try await bench.fleet.stop()
        let cpu = Self.cpu(before, after).mapValues { $0 / Self.restSeconds * 100 }
        let (worker, memory) = Self.largest(after, Fleet.workers, \.residentMiB)
        add("largest idle worker (\(worker))", "MiB", memory, .atMost(40))
        for name in ["orchestrator", "dead-letters"] {
            add("idle \(name)", "MiB", after[name]?.residentMiB ?? .nan, nil)
        }
        add("all of them, idle", "% of a core", cpu.values.reduce(0, +), nil)
    }

    func reportLoad(
        _ cpu: [String: Double], _ figures: [String: ProcessFigures], _ counted: DatabaseCount,
        count: Int
    ) {
        let (worker, memory) = Self.largest(figures, Fleet.workers, \.peakMiB)
        add("largest worker at most (\(worker))", "MiB", memory, .atMost(80))
        add("orchestrator at most", "MiB", figures["orchestrator"]?.peakMiB ?? .nan, .atMost(150))
        add("dead-letters at most", "MiB", figures["dead-letters"]?.peakMiB ?? .nan, nil)
        let each = 1e6 / Double(count)
        for name in Fleet.names {
            add("CPU of \(name)", "µs/refund", (cpu[name] ?? .nan) * each, nil)
        }
        if bench.engine == .postgres {
            add("CPU of the database's server", "µs/refund", counted.serverCPU * each, nil)
        }
        reportSyncs(counted, Double(count))
        if let trips = counted.roundTrips {
            add("database round trips", "a refund", Double(trips) / Double(count), nil)
        }
    }

    private func reportSyncs(_ counted: DatabaseCount, _ count: Double) {
        guard let orchestrator = counted.orchestratorSyncs, let workers = counted.workerSyncs
        else { return print("    fsyncs are not counted: perf cannot count system calls here") }
        add("fsyncs of the orchestrator", "a refund", Double(orchestrator) / count, nil)
        add("fsyncs of the workers", "a refund", Double(workers) / count, nil)
        add("fsyncs of the database's server", "a refund", Double(counted.serverSyncs) / count, nil)
        let all = orchestrator + workers + counted.serverSyncs
        add("fsyncs", "a refund", Double(all) / count, .atMost(0.1))
    }

    private func add(_ name: String, _ unit: String, _ value: Double, _ limit: Limit?) {
        bench.report.add(
            .footprint, bench.engine, name, unit, system: value, limit: limit)
    }

    private static func largest(
        _ figures: [String: ProcessFigures], _ names: [String], _ value: (ProcessFigures) -> Double
    ) -> (String, Double) {
        names.compactMap { name in figures[name].map { (name, value($0)) } }
            .max { $0.1 < $1.1 } ?? ("none", .nan)
    }
}
