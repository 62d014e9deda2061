import Foundation

extension Engine {
    /// Whether the machine has it: a server of PostgreSQL is where Debian puts it, or on the PATH.
    var isInstalled: Bool {
        switch self {
        case .sqlite: true
        case .postgres:
            FileManager.default.fileExists(atPath: "/usr/lib/postgresql")
                || (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
                    .contains { FileManager.default.isExecutableFile(atPath: "\($0)/postgres") }
        }
    }

    /// An empty one, private to the measurement.
    func start(in directory: String) async throws -> any Store {
        let data = "\(directory)/data"
        return switch self {
        case .sqlite: SQLiteStore(directory: data)
        case .postgres: try await PostgresStore.start(in: data)
        }
    }
}
