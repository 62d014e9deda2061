import CoreMetrics
package import Database
import Telemetry
package import WorkerRuntime

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
        var url = try settings.optional(key)
        if key == DatabaseSetting.key,
            let secret = try settings.secret(file: DatabaseSetting.urlFile)
        {
            guard url == nil else {
                throw ConfigurationFault(
                    "Both \(key) and \(DatabaseSetting.urlFile) are set: keep one of them.")
            }
            url = secret
        }
        let options = try DatabaseSetting.options(settings)
        do {
            let location = try DatabaseLocation.parse(
                url ?? "\(dataDirectory)/\(name ?? self.name).sqlite")
            if case .postgres = location { Self.describeMetrics() }
            return try await location.open(migrations: migrations, options: options)
        } catch {
            throw Self.fault(error)
        }
    }

    private static func describeMetrics() {
        guard let registry = MetricsSystem.factory as? PrometheusRegistry else { return }
        for metric in DatabaseMetric.allCases { registry.describe(metric.rawValue, metric.help) }
    }

    private static func fault(_ error: DatabaseError) -> any Error {
        switch error.code {
        case .unusable, .storage: ConfigurationFault(error.message)
        default: error
        }
    }
}
