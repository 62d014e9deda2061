import Database
package import WorkerRuntime

/// Where a service keeps its data, and how long it waits for it.
package enum DatabaseSetting {
    package static let key = "database.url"
    static let urlFile = "database.urlFile"
    private static let connections = "database.connections"
    private static let statementTimeout = "database.statementTimeout"
    private static let lockTimeout = "database.lockTimeout"
    private static let waitTimeout = "database.waitTimeout"

    /// - Parameter contents: what is kept there, for `--help`.
    package static func settings(_ contents: String) -> [Setting] {
        let defaults = PostgresOptions()
        return [
            Setting(
                key,
                "sqlite:///path or postgres://user@host/database of \(contents); "
                    + "<data.dir>/<service>.sqlite where it is not set."),
            Setting(urlFile, "File with that URL instead, where its password is to stay secret."),
            Setting(
                connections, default: "\(defaults.connections)",
                "Connections to PostgreSQL at most, 1 to 64."),
            Setting(
                statementTimeout, default: "10s", "How long PostgreSQL works on one statement."),
            Setting(lockTimeout, default: "5s", "How long it waits for another's lock."),
            Setting(
                waitTimeout, default: "10s",
                "How long a transaction waits for a connection, or for a server that is away."),
        ]
    }

    static func options(_ settings: Settings) throws -> PostgresOptions {
        var options = PostgresOptions()
        options.connections = try settings.int(connections, in: 1...64)
        let bounds = Duration.milliseconds(100)...Duration.seconds(3_600)
        options.statementTimeout = try settings.duration(statementTimeout, in: bounds)
        options.lockTimeout = try settings.duration(lockTimeout, in: bounds)
        options.waitTimeout = try settings.duration(waitTimeout, in: bounds)
        return options
    }
}
