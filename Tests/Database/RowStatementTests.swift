import Database
import Testing

/// Statements over many rows: one on PostgreSQL, as many as rows on SQLite, and the same comes of it.
@Suite("A statement over rows", .timeLimit(.minutes(5)))
struct RowStatementTests {
    private static let find = RowStatement.select(
        "value, data", from: "items", where: "id = $1", .integer, locking: true)
    private static let findAbove = RowStatement.select(
        "id", from: "items", where: "id > $1 AND value = $2", .integer, .text)
    private static let add = RowStatement.insert(
        into: "items", ["id": .integer, "value": .text, "data": .blob],
        "ON CONFLICT (id) DO NOTHING")
    private static let change = RowStatement.update(
        "items", set: "value = $2, data = $3", where: "id = $1 AND value <> $2",
        .integer, .text, .blob)
    private static let remove = RowStatement.delete(
        from: "items", where: "id = $1 AND value = $2", .integer, .text)

    @Test(
        "keeps every kind of value, and finds them in the order asked", arguments: Engine.allCases)
    func values(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        let kept: [(Int64, String, SQLValue)] = [
            (.max, "", .null), (-1, "日本語 払い戻し", .blob([])), (0, "it's {1,2}", .blob([0, 255])),
            (.min, "NULL", .blob(Array(repeating: 7, count: 70_000))),
        ]
        let found = try await database.value.write { connection in
            let count = try connection.execute(
                Self.add, kept.map { [.integer($0.0), .text($0.1), $0.2] })
            #expect(count == kept.count)
            return try connection.query(
                Self.find, ([5] + kept.map(\.0) + [0]).map { [.integer($0)] })
        }
        let rows = kept.map { [SQLRow([.text($0.1), $0.2])] }
        #expect(found == [[]] + rows + [rows[2]])
        let readers = try await database.value.read { connection in
            try connection.query(Self.find, kept.map { [.integer($0.0)] })
        }
        #expect(readers == rows)
    }

    @Test("says how many rows it changed", arguments: Engine.allCases)
    func counts(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        try await database.value.insert(1...4, value: "a")
        let counts = try await database.value.write { connection in
            [
                try connection.execute(
                    Self.add, [4, 5, 5].map { [.integer($0), .text("b"), .null] }),
                try connection.execute(
                    Self.change,
                    [1, 2, 9].map { [.integer($0), .text($0 == 2 ? "a" : "c"), .blob([1])] }),
                try connection.execute(
                    Self.remove, [3, 4, 5].map { [.integer($0), .text("a")] }),
                try connection.execute(Self.remove, []),
            ]
        }
        #expect(counts == [1, 1, 2, 0])
        let left = try await database.value.read { connection in
            try connection.query(
                Self.findAbove, [[.integer(0), .text("a")], [.integer(1), .text("b")]])
        }
        #expect(left == [[SQLRow([.integer(2)])], [SQLRow([.integer(5)])]])
    }

    @Test("takes more rows than go into one execution", arguments: Engine.allCases)
    func many(_ engine: Engine) async throws {
        let database = try await Scratch(engine).openKeeping()
        let ids = Array(Int64(1)...10_000)
        let found = try await database.value.write { connection in
            let added = ids.map { [SQLValue.integer($0), .text("v\($0)"), .null] }
            #expect(try connection.execute(Self.add, added) == ids.count)
            return try connection.query(Self.find, ids.reversed().map { [.integer($0)] })
        }
        #expect(found == ids.reversed().map { [SQLRow([.text("v\($0)"), .null])] })
    }

    @Test("refuses a value of another kind, a row too short and U+0000 before they are sent")
    func refusals() async throws {
        let database = try await Scratch(.postgres).openKeeping()
        for row: [SQLValue] in [
            [.integer(1), .integer(2), .null], [.integer(1), .text("a")],
            [.integer(1), .text("a\0"), .null],
        ] {
            let error = await #expect(throws: DatabaseError.self) {
                try await database.value.write { connection in
                    try connection.execute(Self.add, [row])
                }
            }
            #expect(error?.code == .statement)
        }
        #expect(try await database.value.write { try $0.execute(Self.remove, []) } == 0)
    }

    @Test("locks what it finds until a writing transaction on PostgreSQL ends, and nothing else")
    func locks() async throws {
        let database = try await PostgresRig.open { $0.lockTimeout = .milliseconds(200) }
        try await database.insert(1...2, value: "a")
        let (held, hold) = (Gate(), Gate())
        async let holding: Void = database.write { connection in
            _ = try connection.query(Self.find, [[.integer(1)]])
            held.open()
            hold.wait()
        }
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { connection in
                held.wait()
                try connection.execute(Self.remove, [[.integer(1), .text("a")]])
            }
        }
        #expect(error?.code == .unavailable)
        let others = try await database.write { connection in
            try connection.execute(Self.remove, [[.integer(2), .text("a")]])
        }
        #expect(others == 1)
        hold.open()
        try await holding
    }

    /// A plan is kept for long, and made for the table as it is then.
    @Test("goes by the keys on PostgreSQL, also where the table is small when it is planned")
    func plans() async throws {
        let database = try await Scratch(.postgres).openKeeping()
        try await database.value.insert(1...3, value: "a")
        let plan = try await database.value.write { connection in
            try connection.execute("ANALYZE items", [])
            return try connection.query(
                """
                EXPLAIN SELECT value FROM unnest(ARRAY[1, 2]::bigint[]) AS r (c1), items
                WHERE id = r.c1
                """, []
            ).map { try $0.text(0) }.joined(separator: "\n")
        }
        #expect(plan.contains("Index Scan"), "\(plan)")
        #expect(!plan.contains("Seq Scan") && !plan.contains("Hash"), "\(plan)")
    }
}
