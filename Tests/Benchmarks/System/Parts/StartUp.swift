/// (g) From the start of each service's process to its `/readyz` saying 200, one after the other,
/// with their databases there.
struct StartUp {
    let bench: Bench

    func measure() async throws {
        var seconds: [String: [Double]] = [:]
        for _ in 0..<bench.plan.starts {
            for (name, time) in try await bench.fleet.start() {
                seconds[name, default: []].append(time)
            }
            try await bench.fleet.stop()
        }
        for name in Fleet.names {
            let sorted = (seconds[name] ?? []).sorted()
            guard !sorted.isEmpty else { continue }
            bench.report.add(
                .start, bench.engine, name, "ms", system: sorted[sorted.count / 2] * 1_000)
        }
    }
}
