import GRDB
import TestSupport

extension RefundSystem {
    /// The rows of a query as texts, null as an empty one, beside the running service.
    ///
    /// - Parameter name: the service's, or `sandbox`.
    func query(_ name: String, _ sql: String) async throws -> [[String]] {
        if let url = databases[name] { return try await Self.query(url, sql) }
        let service = ServiceName(rawValue: name) ?? .orchestrator
        return try rows(database(service, name), sql) { row in
            row.databaseValues.map { value in
                switch value.storage {
                case .null: ""
                case .int64(let number): "\(number)"
                case .double(let number): "\(number)"
                case .string(let text): text
                case .blob(let bytes): "\(bytes)"
                }
            }
        }
    }

    /// The same of a PostgreSQL database, by its URL.
    static func query(_ url: String, _ sql: String) async throws -> [[String]] {
        let separator: Character = "\u{1F}"
        let ending = try await Command.run(
            "/usr/bin/psql", [url, "-XAt", "-F", String(separator), "-c", sql])
        guard ending.status == 0 else {
            throw SupportFailure("psql failed: \(ending.output)")
        }
        return ending.output.split(separator: "\n").map { line in
            line.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
        }
    }
}
