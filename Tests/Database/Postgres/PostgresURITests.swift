import Testing

@testable import Database

@Suite("A PostgreSQL URL")
struct PostgresURITests {
    static let urls: [(String, [String: String])] = [
        (
            "postgres://refund:s%40sa%6De@db.example:5433/refunds?sslmode=verify-full",
            [
                "user": "refund", "password": "s@same", "host": "db.example", "port": "5433",
                "dbname": "refunds", "sslmode": "verify-full",
            ]
        ),
        (
            "postgresql:///refunds?host=/run/postgresql",
            ["dbname": "refunds", "host": "/run/postgresql"]
        ),
        (
            "postgres://%2Frun%2Fpostgresql/refunds",
            ["dbname": "refunds", "host": "/run/postgresql"]
        ),
        ("postgres://[::1]:7000", ["host": "::1", "port": "7000"]),
        ("postgres://a:1,b:2/x", ["host": "a,b", "port": "1,2", "dbname": "x"]),
        ("postgres://", [:]),
    ]

    @Test("is read as libpq reads it", arguments: urls)
    func parameters(_ url: String, _ expected: [String: String]) throws {
        #expect(try PostgresURI(url).parameters == expected)
        guard case .postgres(let uri) = try DatabaseLocation.parse(url) else {
            Issue.record("not taken for PostgreSQL")
            return
        }
        #expect(uri.parameters == expected)
    }

    @Test("gives each host its turn")
    func candidates() throws {
        let uri = try PostgresURI("postgres://me@a:1,b:2,/x?hostaddr=10.0.0.1,10.0.0.2,10.0.0.3")
        #expect(
            uri.candidates.map { [$0["host"], $0["port"], $0["hostaddr"], $0["user"]] } == [
                ["a", "1", "10.0.0.1", "me"], ["b", "2", "10.0.0.2", "me"],
                [nil, nil, "10.0.0.3", "me"],
            ])
        let onePort = try PostgresURI("postgres://a,b/x?port=7")
        #expect(onePort.candidates.map { [$0["host"], $0["port"]] } == [["a", "7"], ["b", "7"]])
        #expect(try PostgresURI("postgres:///x").candidates.count == 1)
    }

    static let unreadable = [
        "postgres://u:sesame%zz@h/x", "postgres://u:sesame@h/x?nonsense=sesame",
        "postgres://u:sesame@[::1/x", "postgres://u:sesame@h/x?sesame",
    ]

    @Test("that cannot be read is refused without a word of it", arguments: unreadable)
    func refused(_ url: String) throws {
        let error = try #require(throws: DatabaseError.self) { try DatabaseLocation.parse(url) }
        #expect(error.code == .unusable)
        #expect(!error.message.contains("sesame"), "\(error)")
    }

    @Test("shows hosts and database, and never its password")
    func printing() throws {
        let location = try DatabaseLocation.parse(
            "postgres://u:sesame@a:1,b:2/x?sslpassword=sesame&passfile=/sesame")
        var dumped = ""
        dump(location, to: &dumped)
        let printed = ["\(location)", String(reflecting: location), dumped]
        for text in printed { #expect(!text.contains("sesame"), "\(text)") }
        #expect(printed[0].contains("postgres://a,b:1,2/x"))
    }
}
