/// Where a service keeps its data: what `DATABASE_URL` says.
public enum DatabaseLocation: Sendable, Hashable {
    /// A SQLite file. Its directory is made where it is missing.
    case sqlite(path: String)

    /// Reads `sqlite:///absolute/path`, or a plain path.
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
        guard scheme == "sqlite" else {
            throw DatabaseError(
                .unusable,
                "This version keeps its data in SQLite and cannot use a database of the scheme "
                    + "\"\(scheme)\"; write sqlite:///path/to/file.")
        }
        let path = text[separator.upperBound...]
        guard path.hasPrefix("/"), path.count > 1 else {
            throw DatabaseError(
                .unusable,
                "A sqlite URL needs an absolute path after sqlite://, as in "
                    + "sqlite:///var/lib/refund/orchestrator.sqlite.")
        }
        return .sqlite(path: String(path))
    }

    /// Opens the database and brings it up to the last of `migrations`.
    public func open(migrations: [Migration]) async throws(DatabaseError) -> any Database {
        switch self {
        case .sqlite(let path):
            try await SQLiteDatabase.open(path: path, migrations: migrations)
        }
    }
}
