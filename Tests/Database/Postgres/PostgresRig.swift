import Database
import TestSupport
import Testing

/// A PostgreSQL database of one test, opened as the concrete engine.
enum PostgresRig {
    static func open(
        _ url: String? = nil, parameters: String = "", _ migrations: [Migration] = [.items],
        configure: (inout PostgresOptions) -> Void = { _ in }
    ) async throws -> PostgresDatabase {
        var options = PostgresOptions()
        configure(&options)
        let place: String
        if let url {
            place = url
        } else {
            place = try await PrivatePostgres.shared().makeDatabase()
        }
        return try await PostgresDatabase.open(
            PostgresURI(place + parameters), migrations: migrations, options: options)
    }

    /// Opens, expecting that it cannot be.
    static func refusal(
        _ url: String, configure: (inout PostgresOptions) -> Void = { _ in }
    ) async throws -> DatabaseError {
        try await #require(throws: DatabaseError.self) {
            _ = try await open(url, configure: configure)
        }
    }
}

extension Database {
    func ask(_ sql: String) async throws -> SQLValue {
        try await read { try $0.query(sql, [])[0].values[0] }
    }
}
