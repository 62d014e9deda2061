public import Database
import TestSupport

/// The PostgreSQL server of this test process. Its databases are schemas of one, which cost less to
/// make.
enum TestServer {
    private struct Place {
        let url: String
        let administration: any Database
    }

    private static let place = Task {
        let url = try await PrivatePostgres.shared().makeDatabase()
        return Place(
            url: url,
            administration: try await DatabaseLocation.parse(url).open(migrations: []))
    }

    /// The address of that schema, which is made where it is missing.
    static func url(schema: String) async throws -> String {
        let place = try await place.value
        try await place.administration.write { connection in
            try connection.execute("CREATE SCHEMA IF NOT EXISTS \(schema)", [])
        }
        return place.url + "?options=-csearch_path%3D\(schema)"
    }
}

extension Database {
    /// Commits so far.
    public var commitsSoFar: Int {
        switch self {
        case let database as SQLiteDatabase: database.commitCount
        case let database as PostgresDatabase: database.counts.commits
        default: 0
        }
    }
}
