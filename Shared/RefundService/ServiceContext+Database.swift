package import Database
package import WorkerRuntime

/// Where a service keeps its data.
package enum DatabaseSetting {
    package static let key = "database.url"

    /// - Parameter contents: what is kept there, for `--help`.
    package static func setting(_ contents: String) -> Setting {
        Setting(
            key,
            "sqlite:///path of \(contents); <data.dir>/<service>.sqlite where it is not set.")
    }
}

extension ServiceContext {
    /// Opens the service's database, and brings it up to the last of `migrations`.
    ///
    /// - Parameters:
    ///   - key: the setting that says where it is.
    ///   - name: the file's name in the data directory where it does not; the service's by default.
    /// - Throws: `ConfigurationFault` for a database that cannot be used at all.
    package func openDatabase(
        _ migrations: [Migration], key: String = DatabaseSetting.key, name: String? = nil
    ) async throws -> any Database {
        let url =
            try settings.optional(key) ?? "\(dataDirectory)/\(name ?? self.name).sqlite"
        do {
            return try await DatabaseLocation.parse(url).open(migrations: migrations)
        } catch {
            throw Self.fault(error)
        }
    }

    private static func fault(_ error: DatabaseError) -> any Error {
        switch error.code {
        case .unusable, .storage: ConfigurationFault(error.message)
        default: error
        }
    }
}
