import Database
import Foundation
import TestSupport
import Testing

/// All or nothing, wherever a transaction is cut.
@Suite("A transaction that is cut off", .timeLimit(.minutes(10)))
struct AtomicityTests {
    /// Statements of the transaction that is cut: two rows each.
    static let statements = 4

    /// What the transactions of this suite do, with something else before the statement of that
    /// index; the one after the last stands before the commit.
    static func body(
        cutting index: Int?, _ cut: @escaping @Sendable (any SQLConnection) throws -> Void
    ) -> @Sendable (any SQLConnection) throws -> Void {
        { connection in
            for statement in 0...statements {
                if statement == index { try cut(connection) }
                guard statement < statements else { return }
                try connection.executeEach(
                    "INSERT INTO items (id, value) VALUES ($1, 'v')",
                    [[.integer(Int64(2 * statement))], [.integer(Int64(2 * statement + 1))]])
            }
        }
    }

    @Test(
        "keeps nothing where a statement fails, and all when it is done again",
        arguments: Engine.allCases, 0...statements)
    func failure(_ engine: Engine, at index: Int) async throws {
        let database = try await Scratch(engine).openKeeping()
        let error = await #expect(throws: DatabaseError.self) {
            try await database.value.write(
                Self.body(cutting: index) { connection in
                    try connection.execute("INSERT INTO items (id, value) VALUES (9, NULL)", [])
                })
        }
        #expect(error?.code == .constraint)
        #expect(try await database.value.count() == 0)
        try await database.value.write(Self.body(cutting: nil) { _ in })
        #expect(try await database.value.count() == 8)
    }

    @Test("keeps nothing where the process is killed before the commit", arguments: 0...statements)
    func processKilled(at index: Int) async throws {
        let scratch = try await Scratch(.sqlite)
        let path = scratch.place
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, index = index as Int] in
            let database = try await SQLiteDatabase.open(path: path, migrations: [.items])
            try await database.write(
                AtomicityTests.body(cutting: index) { _ in kill(getpid(), SIGKILL) })
        }
        let database = try await scratch.open()
        #expect(try await database.count() == 0)
        try await database.write(Self.body(cutting: nil) { _ in })
        #expect(try await database.count() == 8)
    }

    @Test("is done again on a new connection where its own is ended", arguments: 0...statements)
    func connectionEnded(at index: Int) async throws {
        let database = try await Scratch(.postgres).openKeeping()
        let runs = Locked(0)
        try await database.value.write(
            Self.body(cutting: index) { connection in
                guard runs.next() == 1 else { return }
                _ = try? connection.query("SELECT pg_terminate_backend(pg_backend_pid())", [])
            })
        #expect(runs.value == 2)
        #expect(try await database.value.count() == 8)
    }
}
