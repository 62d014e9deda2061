import Database
import TestSupport
import Testing

/// What is particular to PostgreSQL.
@Suite("The PostgreSQL engine", .timeLimit(.minutes(10)))
struct PostgresTests {
    @Test("waits for the disk at every commit, and has a bound for every wait")
    func settings() async throws {
        let database = try await PostgresRig.open()
        let expected = [
            "synchronous_commit": "on", "statement_timeout": "10s", "lock_timeout": "5s",
            "idle_in_transaction_session_timeout": "30s", "client_encoding": "UTF8",
            "transaction_isolation": "repeatable read", "transaction_read_only": "on",
        ]
        for (name, value) in expected {
            #expect(
                try await database.ask("SELECT current_setting('\(name)')") == .text(value),
                "\(name)")
        }
        let isolation = try await database.write { connection in
            try connection.query("SELECT current_setting('transaction_isolation')", [])
        }
        #expect(isolation == [SQLRow([.text("read committed")])])
        await database.close()
    }

    @Test("keeps a stronger setting of the administrator's for commits")
    func strongerCommits() async throws {
        let database = try await PostgresRig.open(
            parameters: "?options=-csynchronous_commit%3Dremote_apply")
        let kept = try await database.ask("SELECT current_setting('synchronous_commit')")
        #expect(kept == .text("remote_apply"))
        let weaker = try await PostgresRig.open(
            parameters: "?options=-csynchronous_commit%3Doff")
        #expect(try await weaker.ask("SELECT current_setting('synchronous_commit')") == .text("on"))
    }

    /// The suite's databases sort by bytes anyway; this one is made to sort as people do.
    @Test("sorts by bytes in a database that sorts as people do")
    func collation() async throws {
        let server = try await PrivatePostgres.shared()
        try await server.sql(
            """
            CREATE DATABASE collated
            LOCALE_PROVIDER icu ICU_LOCALE 'en-US' TEMPLATE template0
            """)
        let database = try await PostgresRig.open(server.url("collated"))
        try await database.insert(1...1, value: "b")
        try await database.insert(2...2, value: "B")
        try await database.insert(3...3, value: "a")
        let sorted = try await database.ask(
            "SELECT string_agg(value, '' ORDER BY value) FROM items")
        #expect(sorted == .text("Bab"))
        #expect(
            try await database.ask(
                "SELECT string_agg(v, '' ORDER BY v) FROM (VALUES ('b'), ('B')) t (v)")
                == .text("bB"), "the database itself sorts otherwise")
        await database.close()
    }

    @Test("makes one round trip of a batch, and one of a commit")
    func roundTrips() async throws {
        let database = try await PostgresRig.open()
        try await database.insert(1...1)
        let before = database.counts
        try await database.insert(2...501)
        let after = database.counts
        #expect(after.roundTrips - before.roundTrips == 2)
        #expect(after.commits - before.commits == 1)
        #expect(after.retries == 0 && after.connections == before.connections)
    }

    @Test("refuses a text with U+0000 in a sentence that names the argument, and goes on")
    func zeroScalar() async throws {
        let database = try await PostgresRig.open()
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { connection in
                try connection.executeEach(
                    "INSERT INTO items (id, value) VALUES ($1, $2)",
                    [[.integer(1), .text("a")], [.integer(2), .text("a\u{0}b")]])
            }
        }
        #expect(error?.code == .statement)
        #expect(error?.message.contains("$2 holds U+0000") == true)
        #expect(try await database.count() == 0)
        try await database.insert(1...2)
    }

    @Test("repeats what a deadlock undid")
    func deadlock() async throws {
        let database = try await PostgresRig.open(
            parameters: "?options=-cdeadlock_timeout%3D100ms"
        ) { $0.lockTimeout = .seconds(60) }
        try await database.insert(1...2)
        let gates = [Gate(), Gate()]
        let runs = [Locked(0), Locked(0)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (own, other) in [(0, 1), (1, 0)] {
                let (first, second) = (Int64(own + 1), Int64(other + 1))
                group.addTask {
                    try await database.write { connection in
                        let sql = "UPDATE items SET value = value || 'x' WHERE id = $1"
                        try connection.execute(sql, [.integer(first)])
                        // Only the first time: both have their first row before either goes on.
                        if runs[own].next() == 1 {
                            gates[own].open()
                            gates[other].wait()
                        }
                        try connection.execute(sql, [.integer(second)])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(database.counts.retries >= 1)
        #expect(
            try await database.ask("SELECT string_agg(value, ',') FROM items") == .text("vxx,vxx"))
    }

    @Test("ends a statement after its time")
    func statementTimeout() async throws {
        let database = try await PostgresRig.open { $0.statementTimeout = .seconds(2) }
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { try $0.query("SELECT pg_sleep(60)", []) }
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("statement timeout") == true)
        try await database.insert(1...1)
    }

    @Test("waits for another's lock for its time only")
    func lockTimeout() async throws {
        let database = try await PostgresRig.open { $0.lockTimeout = .milliseconds(200) }
        let (held, hold) = (Gate(), Gate())
        async let holding: Void = database.write { connection in
            try connection.execute("INSERT INTO items (id, value) VALUES (1, 'held')", [])
            held.open()
            hold.wait()
        }
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { connection in
                held.wait()
                try connection.execute("INSERT INTO items (id, value) VALUES (1, 'second')", [])
            }
        }
        #expect(error?.code == .unavailable)
        hold.open()
        try await holding
        #expect(try await database.count() == 1)
    }

    @Test("tells a caller for whom no connection gets free, and serves the others")
    func exhaustion() async throws {
        let database = try await PostgresRig.open {
            $0.connections = 2
            $0.waitTimeout = .seconds(6)
        }
        let (held, hold) = (Gate(), Gate())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 1...2 {
                group.addTask {
                    try await database.write { connection in
                        try connection.execute(
                            "INSERT INTO items (id, value) VALUES ($1, 'held')",
                            [.integer(Int64(id))])
                        held.open()
                        hold.wait()
                    }
                }
            }
            for _ in 1...2 { await Task.detached { held.wait() }.value }
            let error = await #expect(throws: DatabaseError.self) {
                _ = try await database.count()
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("All 2 connections") == true)
            for _ in 1...2 { hold.open() }
            try await group.waitForAll()
        }
        #expect(try await database.count() == 2)
        #expect(database.counts.waits >= 1)
    }
}
