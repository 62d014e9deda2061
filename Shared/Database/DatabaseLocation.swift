/// Where a service keeps its data: what `DATABASE_URL` says.
public enum DatabaseLocation: Sendable, Hashable {
    /// A SQLite file. Its directory is made where it is missing.
    case sqlite(path: String)
    /// A PostgreSQL database. It exists already; its tables are made where they are missing.
    case postgres(PostgresURI)

    /// Reads `sqlite:///absolute/path`, a plain path, or `postgres://` and `postgresql://` as libpq
    /// does.
    ///
    /// - Throws: `DatabaseError.unusable` for any other scheme. The message names the scheme alone,
    ///   since the rest may hold a password.
    public static func parse(_ text: String) throws(DatabaseError) -> DatabaseLocation {
        guard let separator = text.firstRange(of: "://") else {
            guard !text.isEmpty else {
                throw DatabaseError(
                    .unusable, "The database URL is empty; write sqlite:///path/to/file.")
            }
            return .sqlite(path: text)
        }
        let scheme = text[..<separator.lowerBound].lowercased()
        switch scheme {
        case "postgres", "postgresql":
            // libpq knows its schemes in small letters only.
            return .postgres(try PostgresURI(scheme + text[separator.lowerBound...]))
        case "sqlite": return try sqlite(text[separator.upperBound...])
        default:
            throw DatabaseError(
                .unusable,
                "A database of the scheme \"\(scheme)\" cannot be used; write "
                    + "sqlite:///path/to/file or postgres://user@host/database.")
        }
    }

    private static func sqlite(_ path: Substring) throws(DatabaseError) -> DatabaseLocation {
        guard path.hasPrefix("/"), path.count > 1 else {
            throw DatabaseError(
                .unusable,
                "A sqlite URL needs an absolute path after sqlite://, as in "
                    + "sqlite:///var/lib/refund/orchestrator.sqlite.")
        }
        return .sqlite(path: String(path))
    }

    /// Opens the database and brings it up to the last of `migrations`.
    ///
    /// - Parameter options: of a PostgreSQL database; SQLite has none.
    public func open(
        migrations: [Migration], options: PostgresOptions = PostgresOptions()
    ) async throws(DatabaseError) -> any Database {
        switch self {
        case .sqlite(let path):
            try await SQLiteDatabase.open(path: path, migrations: migrations)
        case .postgres(let uri):
            try await PostgresDatabase.open(uri, migrations: migrations, options: options)
        }
    }
}
