import Foundation

/// What this process takes, looked at after each tenth of a run: after the first, which warms
/// everything up, it may hardly grow.
struct Growth {
    private struct Look {
        var residentMiB: Double
        var descriptors: Int
        var threads: Int
    }

    /// Threads of the runtime's pool come and go with the load.
    private static let mostNewThreads = 4
    /// Those of the proxy and of a broker just left come and go too.
    private static let mostNewDescriptors = 10

    private let name: String
    private let total: Int
    private let bound: Double
    private var tenths = 0
    private var first: Look?
    private(set) var isFlat = true

    init(_ name: String, of total: Int, bound: Double) {
        self.name = name
        self.total = total
        self.bound = bound
        print("\(name)     RSS MiB  descriptors  threads")
        show(0, Self.look())
    }

    mutating func look(at count: Int) {
        guard count * 10 >= total * (tenths + 1) else { return }
        tenths += 1
        let now = Self.look()
        show(count, now)
        guard let first else { return first = now }
        let grown = now.residentMiB - first.residentMiB
        if grown > bound || now.descriptors > first.descriptors + Self.mostNewDescriptors
            || now.threads > first.threads + Self.mostNewThreads
        {
            isFlat = false
            print("it grew by \(String(format: "%.1f", grown)) MiB; the bound is \(bound) MiB")
        }
    }

    private func show(_ count: Int, _ look: Look) {
        print(
            String(
                format: "%10d  %10.1f  %11d  %7d", count, look.residentMiB, look.descriptors,
                look.threads))
    }

    private static func look() -> Look {
        func text(_ file: String) -> String {
            (try? String(contentsOfFile: "/proc/self/\(file)", encoding: .utf8)) ?? ""
        }
        let pages = text("statm").split(separator: " ").dropFirst().first.flatMap { Double($0) }
        let threads = text("status").split(separator: "\n").first { $0.hasPrefix("Threads:") }
            .flatMap { Int($0.split(whereSeparator: \.isWhitespace).last ?? "") }
        let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return Look(
            residentMiB: (pages ?? .nan) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576,
            descriptors: descriptors?.count ?? 0, threads: threads ?? 0)
    }
}
