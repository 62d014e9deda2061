import Database
import Foundation
import TestSupport
import Testing

/// A connection that is lost while COMMIT is in flight: the server knows what became of it.
@Suite("A lost answer to COMMIT", .timeLimit(.minutes(10)))
struct PostgresCommitTests {
    /// Commits wait for a standby that does not exist: durable here, and not yet answered.
    private static func holdCommits(_ server: PrivatePostgres) async throws {
        try await server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try await server.sql("SELECT pg_reload_conf()")
    }

    /// Starts a write of one row, whose commit is on disk and held back.
    private static func heldWrite(
        _ server: PrivatePostgres, _ runs: Locked<Int>
    ) async throws -> (PostgresDatabase, Task<Void, any Error>) {
        let database = try await PostgresRig.open(server.url()) {
            $0.waitTimeout = .seconds(60)
            $0.statementTimeout = .seconds(60)
        }
        try await holdCommits(server)
        let write = Task {
            try await database.write { connection in
                _ = runs.next()
                try connection.execute("INSERT INTO items (id, value) VALUES (1, 'v')", [])
            }
        }
        let waits = try await eventually {
            try await server.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1"
        }
        try #require(waits)
        return (database, write)
    }

    @Test("is learnt from the server where the transaction was kept, and nothing is repeated")
    func committed() async throws {
        let server = try await PrivatePostgres.start()
        let runs = Locked(0)
        let (database, write) = try await Self.heldWrite(server, runs)
        try await server.sql(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'
            """)
        try await write.value
        #expect(runs.value == 1)
        #expect(try await database.count() == 1)
        try await server.stop()
    }

    @Test("is an error that says so where the server crashed since, since ids may be given again")
    func crashed() async throws {
        let server = try await PrivatePostgres.start()
        let runs = Locked(0)
        let (database, write) = try await Self.heldWrite(server, runs)
        try await server.sql("ALTER SYSTEM RESET synchronous_standby_names")
        server.kill()
        try await server.restart()
        let error = await #expect(throws: DatabaseError.self) { try await write.value }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("could not be learnt") == true)
        #expect(runs.value == 1)
        #expect(try await database.count() == 1)
        try await server.stop()
    }

    @Test("ends the forgotten session, and repeats what it did not commit")
    func aborted() async throws {
        let shared = try await PrivatePostgres.shared()
        let url = try await shared.makeDatabase()
        let proxy = try CuttingProxy(to: shared.port)
        defer { proxy.stop() }
        let database = try await PostgresRig.open(
            url.replacing(":\(shared.port)/", with: ":\(proxy.port)/"),
            [
                .items,
                Migration(
                    2, "a commit that takes long the first time",
                    [
                        "CREATE SEQUENCE commits",
                        """
                        CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $body$
                        BEGIN
                            IF nextval('commits') = 1 THEN PERFORM pg_sleep(300); END IF;
                            RETURN NULL;
                        END
                        $body$
                        """,
                        """
                        CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON items
                        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()
                        """,
                    ]),
            ]
        ) {
            $0.statementTimeout = .seconds(300)
            $0.waitTimeout = .seconds(60)
        }
        let runs = Locked(0)
        let write = Task {
            try await database.write { connection in
                _ = runs.next()
                try connection.execute("INSERT INTO items (id, value) VALUES (1, 'v')", [])
            }
        }
        let sleeps = try await eventually {
            try await shared.sql(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE wait_event = 'PgSleep' AND datname = '\(url.split(separator: "/").last ?? "")'
                """) == "1"
        }
        try #require(sleeps)
        proxy.cut()
        try await write.value
        #expect(runs.value == 2)
        #expect(try await database.count() == 1)
    }
}
