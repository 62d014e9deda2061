import Database
import TestSupport
import Testing

/// A server that goes, stands still and comes back.
@Suite("A PostgreSQL server that fails", .timeLimit(.minutes(10)))
struct PostgresServerTests {
    @Test("costs no transaction when it is killed between any two statements")
    func killed() async throws {
        let server = try await PrivatePostgres.start()
        let database = try await PostgresRig.open(server.url()) { $0.waitTimeout = .seconds(120) }
        for index in 0...AtomicityTests.statements {
            try await database.write { try $0.execute("DELETE FROM items", []) }
            let (killed, kill) = AsyncStream.makeStream(of: Void.self)
            async let restarted: Void = {
                for await _ in killed { break }
                try await server.restart()
            }()
            let runs = Locked(0)
            try await database.write(
                AtomicityTests.body(cutting: index) { _ in
                    guard runs.next() == 1 else { return }
                    server.kill()
                    kill.yield()
                })
            try await restarted
            #expect(try await database.count() == 8)
        }
        try await server.stop()
    }

    @Test("costs no write of many when it is restarted")
    func restarted() async throws {
        let server = try await PrivatePostgres.start()
        let database = try await PostgresRig.open(server.url()) { $0.waitTimeout = .seconds(120) }
        let written = Locked(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<6 {
                group.addTask {
                    for round in 0..<40 {
                        try await database.write { connection in
                            try connection.execute(
                                """
                                INSERT INTO items (id, value) VALUES ($1, 'v')
                                ON CONFLICT (id) DO NOTHING
                                """, [.integer(Int64(writer * 1_000 + round))])
                        }
                        written.withLock { $0 += 1 }
                    }
                }
            }
            group.addTask {
                _ = await eventually { written.withLock { $0 } >= 30 }
                try await server.stop()
                try await server.restart()
            }
            try await group.waitForAll()
        }
        #expect(try await database.count() == 240)
        try await server.stop()
    }

    @Test("keeps no caller longer than the waits allow when it stands still")
    func paused() async throws {
        let server = try await PrivatePostgres.start()
        let database = try await PostgresRig.open(server.url()) {
            $0.statementTimeout = .seconds(2)
            $0.connectTimeout = .seconds(2)
            $0.waitTimeout = .seconds(3)
        }
        try await database.insert(1...1)
        server.pause()
        let start = ContinuousClock.now
        let error = await #expect(throws: DatabaseError.self) { try await database.insert(2...2) }
        #expect(error?.code == .unavailable)
        #expect(start.duration(to: .now) < .seconds(60))
        server.resume()
        let isBack = await eventually { (try? await database.insert(3...3)) != nil }
        #expect(isBack)
        #expect(try await database.count() == 2)
        try await server.stop()
    }

    @Test("is unavailable at the start, and said to be, where nobody listens")
    func nobody() async throws {
        let port = try FreePort.take()
        let error = try await PostgresRig.refusal("postgres://refund:sesame@127.0.0.1:\(port)/x") {
            $0.waitTimeout = .milliseconds(300)
        }
        #expect(error.code == .unavailable)
        #expect(error.message.contains("\(port)"))
        #expect(!error.message.contains("sesame"))
    }

    @Test("is passed over for the next of several hosts")
    func severalHosts() async throws {
        let shared = try await PrivatePostgres.shared()
        let url = try await shared.makeDatabase()
        let dead = try FreePort.take()
        let database = try await PostgresRig.open(
            url.replacing(
                "127.0.0.1:\(shared.port)", with: "127.0.0.1:\(dead),127.0.0.1:\(shared.port)"))
        #expect(try await database.count() == 0)
    }

    @Test("may be reached through its socket")
    func socket() async throws {
        let shared = try await PrivatePostgres.shared()
        let database = try await PostgresRig.open(
            "postgres://refund:\(shared.password)@/postgres?host=\(shared.directory)/data"
                + "&port=\(shared.port)", [])
        #expect(try await database.ask("SELECT inet_server_port()") == .null)
    }

    static let strangers: [(@Sendable (PrivatePostgres) -> String, String)] = [
        ({ "postgres://refund:sesame@127.0.0.1:\($0.port)/postgres" }, "password authentication"),
        ({ $0.url("nowhere") }, "does not exist"),
    ]

    @Test("says what is wrong with a log-in, and no password", arguments: strangers)
    func logins(_ url: @Sendable (PrivatePostgres) -> String, _ words: String) async throws {
        let server = try await PrivatePostgres.shared()
        let error = try await PostgresRig.refusal(url(server))
        #expect(error.code == .unusable)
        #expect(error.message.contains(words))
        #expect(!error.message.contains("sesame"))
        #expect(!error.message.contains(server.password))
    }
}
