import AMQP
import ArgumentParser
import Foundation
import TestSupport

/// Measures the whole system beside the raw pump: `make bench`. Everything it starts is private and
/// ends with it.
struct Refunds: AsyncParsableCommand {
    enum Size: String, CaseIterable, ExpressibleByArgument {
        case smoke, quick, full

        var plan: Plan {
            switch self {
            case .smoke: .smoke
            case .quick: .quick
            case .full: .full
            }
        }
    }

    static let configuration = CommandConfiguration(
        abstract: "The whole system beside a raw pump: speed, latency, memory, growth, scaling.")

    @Option(help: "A directory of its own; emptied, and the results written there.")
    var directory: String
    @Option(help: "smoke, quick (minutes) or full (hours, and 40 GB of disk).")
    var size = Size.quick
    @Option(help: "Stored cases of part e, as 10000,1000000; about 3 KB of disk each.")
    var storedCases: String?
    @Option(help: "Requests that wait in part d, as 1000,100000.")
    var backlogs: String?
    @Option(help: "sqlite, postgres or, with commas, several; by default what is installed.")
    var databases: String?
    @Option(help: "Letters of the parts, as abg; by default all.")
    var parts = Part.allCases.map(\.rawValue).joined()

    func run() async throws {
        let report = Report(plan: size.rawValue)
        let plan = try plan()
        for engine in try engines() {
            print("\(engine.rawValue):")
            let installation = try await Installation.start(in: "\(directory)/\(engine.rawValue)")
            let store = try await engine.start(in: installation.directory)
            try await withBroker(installation.systemURL, name: "refund-bench") { broker in
                let bench = try await Bench.prepare(
                    installation, store, broker, report, plan)
                try await measure(bench)
            }
            try await store.stop()
            try await installation.stop()
            try FileManager.default.removeItem(atPath: installation.directory)
            try report.write(to: directory)
        }
        print(ReportTable.text(report.lines))
        print("Written to \(directory): results.txt, results.json, results.svg")
        guard report.isWithinLimits else {
            print("A limit was missed: see the lines with NO")
            throw ExitCode.failure
        }
    }

    private func measure(_ bench: Bench) async throws {
        let wanted = Set(parts.compactMap { Part(rawValue: String($0)) })
        for part in Part.order where wanted.contains(part) {
            print("  \(part.title)")
            fflush(nil)
            switch part {
            case .start: try await StartUp(bench: bench).measure()
            case .footprint: try await Footprint(bench: bench).measureIdle()
            case .throughput: _ = try await Throughput(bench: bench).measure()
            case .latency: try await LatencyAtLoad(bench: bench).measure()
            case .drain: try await Drain(bench: bench).measure()
            case .scaling: try await Scaling(bench: bench).measure()
            case .stored: try await StoredCases(bench: bench).measure()
            }
        }
    }

    private func plan() throws -> Plan {
        var plan = size.plan
        if let storedCases { plan.storedCases = try Self.numbers(storedCases) }
        if let backlogs { plan.backlogs = try Self.numbers(backlogs) }
        return plan
    }

    private static func numbers(_ text: String) throws -> [Int] {
        let numbers = text.split(separator: ",").compactMap { Int($0) }
        guard !numbers.isEmpty, numbers.allSatisfy({ $0 > 0 }) else {
            throw ValidationError("'\(text)' is no list of numbers, as 1000,100000")
        }
        return numbers
    }

    private func engines() throws -> [Engine] {
        guard let databases else { return Engine.allCases.filter(\.isInstalled) }
        return try databases.split(separator: ",").map { name in
            guard let engine = Engine(rawValue: String(name)) else {
                throw ValidationError("'\(name)' is no kind of database: sqlite or postgres")
            }
            return engine
        }
    }
}
