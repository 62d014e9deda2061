import Database
import Testing

/// What every engine behind `Database` does.
@Suite("A database", .timeLimit(.minutes(10)))
struct ConformanceTests {
    @Test("keeps every kind of value", arguments: Engine.allCases)
    func values(_ engine: Engine) async throws {
        let scratch = try await Scratch(engine)
        let database = try await scratch.open()
        let texts = ["", "plain", "日本語 払い戻し", "it's; -- $1", "Zz"]
        let blobs: [SQLValue] = [.null, .blob([]), .blob([0, 255, 7]), .blob([1]), .null]
        let numbers: [Int64] = [0, -1, .max, .min, 9_007_199_254_740_991]
        try await database.write { connection in
            try connection.executeEach(
                "INSERT INTO items (id, value, data) VALUES ($1, $2, $3)",
                zip(numbers, zip(texts, blobs)).map { [.integer($0), .text($1.0), $1.1] })
        }
        let rows = try await database.read { connection in
            try connection.queryEach(
                "SELECT id, value, data FROM items WHERE id = $1", numbers.map { [.integer($0)] })
        }
        for (index, row) in rows.enumerated() {
            #expect(
                row == [SQLRow([.integer(numbers[index]), .text(texts[index]), blobs[index]])])
        }
    }

    @Test(
        "takes arguments by their number, in any order and repeatedly", arguments: Engine.allCases)
    func numberedArguments(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        let row = try await database.value.read { connection in
            try connection.query(
                "SELECT CAST($3 AS TEXT), CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($1 AS TEXT)",
                [.text("one"), .text("two"), .text("three")])
        }
        #expect(row == [SQLRow([.text("three"), .text("one"), .text("two"), .text("one")])])
    }

    @Test("says how many rows each statement changed", arguments: Engine.allCases)
    func changes(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        try await database.value.insert(1...5, value: "a")
        let changed = try await database.value.write { connection in
            try connection.executeEach(
                "UPDATE items SET value = 'b' WHERE id <= $1 AND value = 'a'",
                [[.integer(2)], [.integer(2)], [.integer(9)]])
        }
        #expect(changed == [2, 0, 3])
    }

    @Test("undoes a body that throws, and only that one", arguments: Engine.allCases)
    func isolation(_ engine: Engine) async throws {
        struct Refusal: Error {}
        let database = try await Scratch(engine).openKeeping()
        let thrown = await withTaskGroup(of: Bool.self, returning: Int.self) { group in
            for id in 1...200 {
                group.addTask {
                    do {
                        try await database.value.write { connection in
                            try connection.execute(
                                "INSERT INTO items (id, value) VALUES ($1, 'v')",
                                [.integer(Int64(id))])
                            if id.isMultiple(of: 3) { throw Refusal() }
                        }
                        return false
                    } catch {
                        return error is Refusal
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(thrown == 66)
        let kept = try await database.value.read { connection in
            try connection.query("SELECT id FROM items ORDER BY id", []).map { try $0.integer(0) }
        }
        #expect(kept == (1...200).filter { !$0.isMultiple(of: 3) }.map(Int64.init))
    }

    @Test("keeps nothing of a body that hides a failed statement", arguments: Engine.allCases)
    func hiddenFailure(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        await #expect(throws: DatabaseError.self) {
            try await database.value.write { connection in
                try connection.execute("INSERT INTO items (id, value) VALUES (1, 'v')", [])
                _ = try? connection.execute("INSERT INTO items (id, value) VALUES (1, 'w')", [])
            }
        }
        #expect(try await database.value.count() == 0)
    }

    static let mistakes: [(String, [SQLValue], DatabaseError.Code)] = [
        ("INSERT INTO items (id, value) VALUES (1, 'again')", [], .constraint),
        ("INSERT INTO items (id, value) VALUES (2, NULL)", [], .constraint),
        ("INSERT INTO items (id, value, parent) VALUES (2, 'v', 77)", [], .constraint),
        ("INSERT INTO nowhere (id) VALUES (1)", [], .statement),
        ("SELEKT 1", [], .statement),
        ("SELECT $1", [], .statement),
        ("SELECT $1", [.null, .null], .statement),
    ]

    @Test("names what went wrong", arguments: Engine.allCases, mistakes)
    func codes(_ engine: Engine, _ mistake: (String, [SQLValue], DatabaseError.Code)) async throws {
        let database = try await Scratch(engine).openKeeping()
        try await database.value.insert(1...1)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.value.write { connection in
                _ = try connection.query(mistake.0, mistake.1)
            }
        }
        #expect(error?.code == mistake.2)
        #expect(try await database.value.count() == 1)
    }

    @Test("reads one snapshot beside a writer", arguments: Engine.allCases)
    func snapshot(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        try await database.value.insert(1...1)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let gate = Gate()
        async let counts = database.value.read { connection in
            let before = try connection.query("SELECT count(*) FROM items", [])[0].integer(0)
            start.yield()
            gate.wait()
            let after = try connection.query("SELECT count(*) FROM items", [])[0].integer(0)
            return [before, after]
        }
        for await _ in started { break }
        try await database.value.insert(2...4)
        gate.open()
        #expect(try await counts == [1, 1])
        #expect(try await database.value.count() == 4)
    }

    @Test("refuses to write in a read", arguments: Engine.allCases)
    func readOnly(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        await #expect(throws: DatabaseError.self) {
            try await database.value.read { try $0.execute("DELETE FROM items", []) }
        }
    }

    @Test("loses no update of two writers on the same row", arguments: Engine.allCases)
    func twoWriters(_ engine: Engine) async throws {
        let scratch = try await Scratch(engine)
        let writers = [try await scratch.open(), try await scratch.open()]
        try await writers[0].insert(0...0, value: "0")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for round in 0..<400 {
                group.addTask {
                    try await writers[round % 2].write { connection in
                        let sql = "SELECT value FROM items WHERE id = 0" + connection.forUpdate
                        let value = try connection.query(sql, [])[0].text(0)
                        try connection.execute(
                            "UPDATE items SET value = $1 WHERE id = 0",
                            [.text(String((Int(value) ?? 0) + 1))])
                    }
                }
            }
            try await group.waitForAll()
        }
        let value = try await writers[1].read { connection in
            try connection.query("SELECT value FROM items", [])[0].text(0)
        }
        #expect(value == "400")
    }

    @Test(
        "finishes what is in before it closes, and refuses what comes after",
        arguments: Engine.allCases)
    func close(_ engine: Engine) async throws {
        let scratch = try await Scratch(engine)
        let database = try await scratch.open()
        async let write: Void = database.insert(1...1_000)
        try await database.insert(2_000...2_000)
        try await write
        await database.close()
        await database.close()
        let later = await #expect(throws: DatabaseError.self) { try await database.insert(3...3) }
        #expect(later?.code == .closed)
        let read = await #expect(throws: DatabaseError.self) { _ = try await database.count() }
        #expect(read?.code == .closed)
        #expect(try await scratch.open().count() == 1_001)
    }
}
