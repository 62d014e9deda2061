import Foundation
import TestSupport

/// What the services asked of disk and database in a time.
struct DatabaseCount {
    /// Waits for the disk (`fsync`, `fdatasync`) of the services, and nil where they cannot be
    /// counted; and of the database's server.
    var orchestratorSyncs: Int?
    var workerSyncs: Int?
    var serverSyncs: Int
    /// Of the database's server, seconds.
    var serverCPU: Double
    /// Nil where the database is in the service's process.
    var roundTrips: Int?
}

/// Counts while it lives: system calls of the services by `perf stat`, which costs them next to
/// nothing and needs the right to use tracepoints; a server's own by what it says of itself.
struct DatabaseCounter {
    private let fleet: Fleet
    private let orchestrator: SyncCounter
    private let workers: SyncCounter
    private let before: (syncs: Int, cpu: Double, trips: Int?)

    init(_ fleet: Fleet) async throws {
        self.fleet = fleet
        orchestrator = try SyncCounter(fleet, ["orchestrator"])
        workers = try SyncCounter(fleet, Fleet.workers)
        before = try await (
            fleet.store.serverSyncs(), fleet.store.serverCPU(), Self.trips(fleet)
        )
    }

    func end() async throws -> DatabaseCount {
        let cpu = try await fleet.store.serverCPU() - before.cpu
        let trips = await Self.trips(fleet)
        return DatabaseCount(
            orchestratorSyncs: try await orchestrator.end(), workerSyncs: try await workers.end(),
            serverSyncs: try await fleet.store.serverSyncs() - before.syncs, serverCPU: cpu,
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

/// `perf stat` on some services.
private struct SyncCounter {
    private static let events = "syscalls:sys_enter_fsync,syscalls:sys_enter_fdatasync"

    private let perf: ServiceProcess

    init(_ fleet: Fleet, _ names: [String]) throws {
        let pids = names.compactMap { fleet.processes[$0]?.pid }.map { "\($0)" }
        perf = try ServiceProcess(
            executable: "/usr/bin/env", name: "perf",
            arguments: [
                "perf", "stat", "-x", ",", "-e", Self.events, "-p", pids.joined(separator: ","),
            ], environment: [:])
    }

    /// Nil where it could not count.
    func end() async throws -> Int? {
        kill(perf.pid, SIGINT)
        _ = try await perf.waitForEnd(within: 30)
        let counts = perf.output.split(separator: "\n").compactMap { line -> Int? in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count > 2, fields[2].hasPrefix("syscalls:") else { return nil }
            return Int(fields[0])
        }
        return counts.count == 2 ? counts.reduce(0, +) : nil
    }
}
