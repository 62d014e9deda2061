import Foundation
import TestSupport

/// Everything that was measured, in order.
final class Report: Sendable {
    /// One figure.
    struct Line: Encodable, Sendable {
        var part: Part
        var engine: Engine?
        /// What, as `p99 at 50 %`.
        var name: String
        var unit: String
        var system: Double?
        var pump: Double?
        /// What the limit is about: system ÷ pump, or what the name says.
        var ratio: Double?
        var limit: Limit?
        var isWithinLimit: Bool?
    }

    private struct Contents: Encodable, Sendable {
        var measuredAt = Date().formatted(.iso8601)
        var machine = Machine()
        var plan: String
        var bodyBytes: [String: MessageSizes] = [:]
        var lines: [Line] = []
    }

    private let contents: Locked<Contents>

    init(plan: String) { contents = Locked(Contents(plan: plan)) }

    var lines: [Line] { contents.withLock { $0.lines } }
    var isWithinLimits: Bool { lines.allSatisfy { $0.isWithinLimit != false } }

    /// Adds a figure and prints it.
    func add(
        _ part: Part, _ engine: Engine?, _ name: String, _ unit: String, system: Double? = nil,
        pump: Double? = nil, ratio: Double? = nil, limit: Limit? = nil
    ) {
        let judged = ratio ?? system
        let line = Line(
            part: part, engine: engine, name: name, unit: unit, system: system, pump: pump,
            ratio: ratio, limit: limit,
            isWithinLimit: limit.flatMap { limit in judged.map { limit.allows($0) } })
        contents.withLock { $0.lines.append(line) }
        print("    \(ReportTable.row(line))")
        // Whoever follows a file or a pipe sees it at once, too.
        fflush(nil)
    }

    func note(_ sizes: MessageSizes, _ engine: Engine) {
        contents.withLock { $0.bodyBytes[engine.rawValue] = sizes }
    }

    /// Writes results.json, results.txt and results.svg.
    func write(to directory: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let json = try contents.withLock { try encoder.encode($0) }
        try json.write(to: URL(filePath: "\(directory)/results.json"))
        try ReportTable.text(lines).write(
            toFile: "\(directory)/results.txt", atomically: true, encoding: .utf8)
        try Chart(lines).svg.write(
            toFile: "\(directory)/results.svg", atomically: true, encoding: .utf8)
    }
}

/// What a figure must be.
enum Limit: Encodable, Sendable {
    case atLeast(Double)
    case atMost(Double)

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    func allows(_ value: Double) -> Bool {
        switch self {
        case .atLeast(let limit): value >= limit
        case .atMost(let limit): value <= limit
        }
    }

    var text: String {
        switch self {
        case .atLeast(let limit): "≥ \(limit.formatted())"
        case .atMost(let limit): "≤ \(limit.formatted())"
        }
    }
}

/// On what it was measured.
struct Machine: Encodable, Sendable {
    var cores = ProcessInfo.processInfo.activeProcessorCount
    var memoryGiB = Int(ProcessInfo.processInfo.physicalMemory / 1_073_741_824)
    var system = ProcessInfo.processInfo.operatingSystemVersionString
    var processor =
        (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
        .split(separator: "\n").first { $0.hasPrefix("model name") }?
        .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
}
