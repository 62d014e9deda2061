import Glibc

/// The process's own figures, read from `/proc/self` (proc(5)) when asked.
enum ProcessMetrics {
    struct Metric {
        var name: String
        var kind: PrometheusRegistry.Kind
        var help: String
        var value: Double
    }

    static func read() -> [Metric] {
        var metrics: [Metric] = []
        if let value = residentBytes() {
            metrics.append(
                Metric(
                    name: "process_resident_memory_bytes", kind: .gauge,
                    help: "Resident memory in bytes.", value: value))
        }
        metrics.append(
            Metric(
                name: "process_cpu_seconds_total", kind: .counter,
                help: "User and system CPU time in seconds.", value: cpuSeconds()))
        if let value = startSeconds {
            metrics.append(
                Metric(
                    name: "process_start_time_seconds", kind: .gauge,
                    help: "Start of the process in seconds since 1970.", value: value))
        }
        if let value = openDescriptors() {
            metrics.append(
                Metric(
                    name: "process_open_fds", kind: .gauge, help: "Open file descriptors.",
                    value: value))
        }
        return metrics
    }

    private static func residentBytes() -> Double? {
        let fields = file("/proc/self/statm")?.split(separator: " ")
        guard let fields, fields.count > 1, let pages = Double(fields[1]) else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The boot time plus field 22 of `/proc/self/stat`; it does not change.
    private static let startSeconds: Double? = {
        guard let stat = file("/proc/self/stat"), let end = stat.lastIndex(of: ")"),
            let boot = file("/proc/stat")?.split(separator: "\n")
                .first(where: { $0.hasPrefix("btime ") })
                .flatMap({ Double($0.dropFirst("btime ".count)) })
        else { return nil }
        let fields = stat[end...].split(separator: " ")
        let startField = 20
        guard fields.count > startField, let ticks = Double(fields[startField]) else { return nil }
        return boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }()

    private static func openDescriptors() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var entries = 0
        while readdir(directory) != nil { entries += 1 }
        let dotsAndOwn = 3
        return Double(entries - dotsAndOwn)
    }

    /// The first 64 KiB of a file of /proc.
    private static func file(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
