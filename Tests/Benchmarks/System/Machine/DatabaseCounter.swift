import Foundation
import TestSupport

/// What the services asked of disk and database in a time.
struct DatabaseCount {
    /// Waits for the disk (`fsync`, `fdatasync`) of the services and of the database's server; nil
    /// where they cannot be counted.
    var syncs: Int?
    /// Nil where the database is in the service's process.
    var roundTrips: Int?
}

/// Counts while it lives: system calls of the services by `perf stat`, which costs them next to
/// nothing and needs the right to use tracepoints; a server's own by what it says of itself.
struct DatabaseCounter {
    private let fleet: Fleet
    private let perf: ServiceProcess
    private let before: (syncs: Int, trips: Int?)

    init(_ fleet: Fleet) async throws {
        self.fleet = fleet
        let pids = fleet.processes.values.map { "\($0.pid)" }.joined(separator: ",")
        let events = "syscalls:sys_enter_fsync,syscalls:sys_enter_fdatasync"
        perf = try ServiceProcess(
            executable: "/usr/bin/env", name: "perf",
            arguments: ["perf", "stat", "-x", ",", "-e", events, "-p", pids], environment: [:])
        before = (try await fleet.store.serverSyncs(), await Self.trips(fleet))
    }

    func end() async throws -> DatabaseCount {
        kill(perf.pid, SIGINT)
        _ = try await perf.waitForEnd(within: 30)
        let counts = perf.output.split(separator: "\n").compactMap { line -> Int? in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count > 2, fields[2].hasPrefix("syscalls:") else { return nil }
            return Int(fields[0])
        }
        let server = try await fleet.store.serverSyncs() - before.syncs
        let trips = await Self.trips(fleet)
        return DatabaseCount(
            syncs: counts.count == 2 ? counts.reduce(server, +) : nil,
            roundTrips: before.trips.flatMap { first in trips.map { $0 - first } })
    }

    /// The services' own count, where they have one.
    private static func trips(_ fleet: Fleet) async -> Int? {
        var sum: Int?
        for process in fleet.processes.values {
            let body = try? await process.get("/metrics").body
            for line in (body ?? "").split(separator: "\n")
            where line.hasPrefix("database_round_trips_total") {
                let count = line.split(separator: " ").last.flatMap { Double($0) }
                sum = (sum ?? 0) + Int(count ?? 0)
            }
        }
        return sum
    }
}
