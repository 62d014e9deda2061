import Database
import Foundation
import Testing

/// What is particular to SQLite files.
@Suite("The SQLite engine", .timeLimit(.minutes(10)))
struct SQLiteTests {
    @Test("syncs every commit, in WAL mode, with foreign keys checked")
    func settings() async throws {
        let database = try await Scratch(.sqlite).openKeeping()
        let settings = try await database.value.write { connection in
            try ["journal_mode", "synchronous", "foreign_keys"].map {
                try connection.query("PRAGMA \($0)", [])[0].values[0]
            }
        }
        #expect(settings == [.text("wal"), .integer(2), .integer(1)])
    }

    @Test("lets concurrent writes share commits")
    func groupCommit() async throws {
        let scratch = try await Scratch(.sqlite)
        let database = try await SQLiteDatabase.open(path: scratch.place, migrations: [.items])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 1...1_000 { group.addTask { try await database.insert(id...id) } }
            try await group.waitForAll()
        }
        #expect(try await database.count() == 1_000)
        #expect(database.commitCount * 4 <= 1_000, "far fewer commits than writes")
    }

    @Test("has on disk whatever it reported, after kill -9")
    func durability() async throws {
        let scratch = try await Scratch(.sqlite)
        let path = scratch.place
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let database = try await SQLiteDatabase.open(path: path, migrations: [.items])
            try await database.insert(1...50)
            try await database.insert(51...60)
            kill(getpid(), SIGKILL)
        }
        #expect(try await scratch.open().count() == 60)
    }

    @Test("waits for another process's transaction, then says it is unavailable")
    func busy() async throws {
        let scratch = try await Scratch(.sqlite)
        let holder = try await scratch.open()
        let waiter = try await scratch.open(lockTimeout: .milliseconds(100))
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let gate = Gate()
        async let held: Void = holder.write { connection in
            try connection.execute("INSERT INTO items (id, value) VALUES (1, 'held')", [])
            start.yield()
            gate.wait()
        }
        for await _ in started { break }
        let error = await #expect(throws: DatabaseError.self) { try await waiter.insert(2...2) }
        #expect(error?.code == .unavailable)
        gate.open()
        try await held
        try await waiter.insert(2...2)
        #expect(try await holder.count() == 2)
    }

    @Test("refuses a file that is no database")
    func notADatabase() async throws {
        let scratch = try await Scratch(.sqlite)
        try Data(repeating: 65, count: 8_192).write(to: URL(fileURLWithPath: scratch.place))
        let error = await #expect(throws: DatabaseError.self) { _ = try await scratch.open() }
        #expect(error?.code == .unusable)
        #expect(error?.message.contains(scratch.place) == true)
    }

    @Test("says where a file cannot be made")
    func directory() async throws {
        let scratch = try await Scratch(.sqlite)
        try Data().write(to: URL(fileURLWithPath: scratch.place))
        let below = scratch.place + "/deeper/file.sqlite"
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await SQLiteDatabase.open(path: below, migrations: [.items])
        }
        #expect(error?.code == .storage)
        #expect(error?.message.contains(below) == true)
    }

    static let locations: [(String, DatabaseLocation?)] = [
        ("sqlite:///var/lib/x.sqlite", .sqlite(path: "/var/lib/x.sqlite")),
        ("SQLITE:///x", .sqlite(path: "/x")),
        ("data/x.sqlite", .sqlite(path: "data/x.sqlite")),
        ("/data/x.sqlite", .sqlite(path: "/data/x.sqlite")),
        ("", nil), ("sqlite://", nil), ("sqlite:///", nil), ("sqlite://host/x", nil),
        ("mysql://user:secret@host/db", nil),
    ]

    @Test("is found by its URL or path", arguments: locations)
    func location(_ text: String, _ expected: DatabaseLocation?) throws {
        guard let expected else {
            let error = #expect(throws: DatabaseError.self) { try DatabaseLocation.parse(text) }
            #expect(error?.code == .unusable)
            #expect(error?.message.contains("sqlite://") == true)
            #expect(error?.message.contains("secret") == false)
            return
        }
        #expect(try DatabaseLocation.parse(text) == expected)
    }

    /// CPU time of this thread: other tests run beside it.
    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Measured: 3 µs in a debug build; the bound only tells a slow path from the fast one.
    @Test("spends little on a row of a batch")
    func speed() async throws {
        let database = try await Scratch(.sqlite).openKeeping()
        let rows = 20_000
        let spent = try await database.value.write { connection in
            let arguments = (1...rows).map {
                [
                    SQLValue.integer(Int64($0)), .text("value \($0)"),
                    .blob([UInt8](repeating: 1, count: 200)),
                ]
            }
            let start = Self.cpuSeconds()
            try connection.executeEach(
                "INSERT INTO items (id, value, data) VALUES ($1, $2, $3)", arguments)
            return Self.cpuSeconds() - start
        }
        #expect(spent / Double(rows) < 100e-6)
    }
}
