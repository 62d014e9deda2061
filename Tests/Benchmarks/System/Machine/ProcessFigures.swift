import Foundation

/// What the kernel says of a process.
struct ProcessFigures: Sendable {
    /// Resident memory, MiB: now, and at most since ``forgetPeak(of:)``.
    var residentMiB: Double
    var peakMiB: Double
    /// User and system time so far, seconds.
    var cpuSeconds: Double

    /// Nil where the process has ended.
    init?(pid: Int32) {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let resident = Self.kibibytes("VmRSS", status),
            let peak = Self.kibibytes("VmHWM", status),
            let fields = stat.split(separator: ")").last?.split(separator: " "), fields.count > 12,
            let user = Double(fields[11]), let system = Double(fields[12])
        else { return nil }
        residentMiB = resident / 1_024
        peakMiB = peak / 1_024
        cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Has the kernel begin anew with ``peakMiB``.
    static func forgetPeak(of pid: Int32) {
        try? "5".write(toFile: "/proc/\(pid)/clear_refs", atomically: false, encoding: .utf8)
    }

    private static func kibibytes(_ name: String, _ status: String) -> Double? {
        status.split(separator: "\n").first { $0.hasPrefix("\(name):") }?
            .split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
    }
}
