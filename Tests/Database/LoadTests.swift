import Database
import Testing

/// Much of everything.
@Suite("A database under load", .timeLimit(.minutes(10)))
struct LoadTests {
    @Test("takes and gives thousands of rows in one batch", arguments: Engine.allCases)
    func manyRows(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        let ids = (1...10_000).map { [SQLValue.integer($0)] }
        let changed = try await database.value.write { connection in
            try connection.executeEach(
                "INSERT INTO items (id, value) VALUES ($1, 'some text that is no longer short')",
                ids)
        }
        #expect(changed.count == 10_000 && changed.allSatisfy { $0 == 1 })
        let rows = try await database.value.read { connection in
            try connection.queryEach("SELECT id, value FROM items WHERE id = $1", ids)
        }
        #expect(rows.map { $0.map(\.values[0]) } == ids)
    }

    /// Each side writes more than the buffers between them hold before it reads.
    @Test("moves large bytes both ways in one batch", arguments: Engine.allCases)
    func largeBlobs(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        let blobs = (0..<12).map { [UInt8](repeating: UInt8($0), count: 1 << 20) }
        let echoed = try await database.value.write { connection in
            try connection.executeEach(
                "INSERT INTO items (id, value, data) VALUES ($1, 'v', $2)",
                blobs.enumerated().map { [.integer(Int64($0)), .blob($1)] })
            return try connection.queryEach(
                "UPDATE items SET data = $2 WHERE id = $1 RETURNING data",
                blobs.enumerated().map { [.integer(Int64($0)), .blob($1)] })
        }
        #expect(echoed.map { $0.map(\.values) } == blobs.map { [[.blob($0)]] })
    }

    @Test("runs more statements than it keeps prepared", arguments: Engine.allCases)
    func manyStatements(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        for batch in 0..<6 {
            let sum = try await database.value.read { connection in
                var sum: Int64 = 0
                for number in 0..<100 {
                    let sql = "SELECT count(*) + \(batch * 100 + number) FROM items"
                    sum += try connection.query(sql, [])[0].integer(0)
                }
                return sum
            }
            #expect(sum == Int64(batch * 10_000 + 4_950))
        }
    }

    @Test("sums and compares to the same kinds of values", arguments: Engine.allCases)
    func computed(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        try await database.value.insert(1...3)
        let big: Int64 = 4_611_686_018_427_387_000
        let row = try await database.value.write { connection in
            try connection.execute("UPDATE items SET id = $1 WHERE id = 3", [.integer(-2 * big)])
            return try connection.query(
                """
                SELECT sum(id), count(*), max(id) > 1, min(value), coalesce(sum(id), 0)
                FROM items WHERE id < 10
                """, [])[0]
        }
        #expect(
            row.values == [
                .integer(3 - 2 * big), .integer(3), .integer(1), .text("v"), .integer(3 - 2 * big),
            ])
    }

    @Test("compares and sorts texts by their bytes", arguments: Engine.allCases)
    func byteOrder(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        let texts = ["Z", "a", "a-b", "aB", "ab", "é", "日"]
        try await database.value.write { connection in
            try connection.executeEach(
                "INSERT INTO items (id, value) VALUES ($1, $2)",
                texts.shuffled().enumerated().map { [.integer(Int64($0)), .text($1)] })
        }
        let sorted = try await database.value.read { connection in
            try connection.query("SELECT value FROM items ORDER BY value", [])
                .map { try $0.text(0) }
        }
        #expect(sorted == texts)
        let after = try await database.value.read { connection in
            try connection.query("SELECT value FROM items WHERE value > $1", [.text("a-b")]).count
        }
        #expect(after == 4)
    }

    @Test("does a cancelled task's transaction wholly or not at all", arguments: Engine.allCases)
    func cancelled(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        for id in 1...20 {
            let task = Task {
                try await database.value.write { connection in
                    try connection.executeEach(
                        "INSERT INTO items (id, value) VALUES ($1, 'v')",
                        [[.integer(Int64(2 * id))], [.integer(Int64(2 * id + 1))]])
                }
            }
            if id.isMultiple(of: 2) { await Task.yield() }
            task.cancel()
            let isDone = (try? await task.value) != nil
            let count = try await database.value.read { connection in
                try connection.query(
                    "SELECT count(*) FROM items WHERE id >= $1", [.integer(Int64(2 * id))]
                )[0].integer(0)
            }
            #expect(count == (isDone ? 2 : 0))
        }
    }
}
