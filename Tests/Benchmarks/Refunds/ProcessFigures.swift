import Foundation

/// What the kernel says of a service's process.
struct ProcessFigures {
    var name: String
    /// Resident memory, MiB.
    var residentMiB: Double
    /// User and system time so far, seconds.
    var cpuSeconds: Double

    /// The services of a running local set-up, by their pid files.
    static func all(in pidDirectory: String) -> [ProcessFigures] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: pidDirectory)) ?? []
        return names.sorted().compactMap { name in
            let text = try? String(contentsOfFile: "\(pidDirectory)/\(name)", encoding: .utf8)
            guard
                let pid = text.flatMap({ Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
                )
            else { return nil }
            return ProcessFigures(name: name, pid: pid)
        }
    }

    private init?(name: String, pid: Int32) {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8),
            let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let pages = status.split(separator: " ").dropFirst().first.flatMap({ Double($0) }),
            let fields = stat.split(separator: ")").last?.split(separator: " "), fields.count > 12,
            let user = Double(fields[11]), let system = Double(fields[12])
        else { return nil }
        self.name = name
        residentMiB = pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
        cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
