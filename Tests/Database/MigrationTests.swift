import Database
import Testing

@Suite("Migrations", .timeLimit(.minutes(10)))
struct MigrationTests {
    static let history = [
        Migration.items,
        Migration(2, "colour", ["ALTER TABLE items ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'"]),
        Migration(
            3, "shades",
            [
                "CREATE TABLE shades (colour TEXT NOT NULL PRIMARY KEY)",
                "INSERT INTO shades SELECT DISTINCT colour FROM items",
            ]),
    ]

    @Test(
        "lead from each earlier version to the last, keeping what is there",
        arguments: Engine.allCases, 0...3)
    func upgrade(_ engine: Engine, from version: Int) async throws {
        let scratch = try await Scratch(engine)
        let earlier = try await scratch.open(Array(Self.history.prefix(version)))
        if version > 0 { try await earlier.insert(1...1) }
        await earlier.close()
        let database = try await scratch.open(Self.history)
        if version == 0 { try await database.insert(1...1) }
        let rows = try await database.read { try $0.query("SELECT colour FROM items", []) }
        #expect(rows == [SQLRow([.text("red")])])
        #expect(
            try await database.read { try $0.query("SELECT number FROM schema_migrations", []) }
                .count == 3)
    }

    @Test("run once when several processes start at the same time", arguments: Engine.allCases)
    func concurrentStarts(_ engine: Engine) async throws {
        let scratch = try await Scratch(engine)
        let counts = try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 1...6 {
                group.addTask { try await scratch.open(Self.history).count() }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(counts == [0, 0, 0, 0, 0, 0])
    }

    @Test(
        "refuse a database of a newer version, in a sentence that says what to do",
        arguments: Engine.allCases)
    func newer(_ engine: Engine) async throws {
        let scratch = try await Scratch(engine)
        await (try scratch.open(Self.history)).close()
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await scratch.open([.items])
        }
        #expect(error?.code == .unusable)
        #expect(error?.message.contains("newer than this program") == true)
        #expect(error?.message.contains(scratch.shownPlace) == true)
    }

    @Test("refuse the database of another service", arguments: Engine.allCases)
    func foreign(_ engine: Engine) async throws {
        let scratch = try await Scratch(engine)
        await (try scratch.open(Self.history)).close()
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await scratch.open([
                Migration(1, "other", []), Self.history[1], Self.history[2],
            ])
        }
        #expect(error?.code == .unusable)
    }

    @Test("leave nothing of a migration that fails", arguments: Engine.allCases)
    func failing(_ engine: Engine) async throws {
        let scratch = try await Scratch(engine)
        let broken = Migration(2, "broken", ["CREATE TABLE half (id BIGINT)", "SELEKT 1"])
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await scratch.open([.items, broken])
        }
        #expect(error?.code == .statement)
        let database = try await scratch.open(Self.history)
        #expect(try await database.count() == 0)
    }

    static let changes: [(Engine, String)] =
        Engine.allCases.flatMap { engine in
            [
                "UPDATE items SET value = 'other'", "DELETE FROM items",
                "INSERT INTO items (id, value) VALUES (1, 'x') "
                    + "ON CONFLICT (id) DO UPDATE SET value = excluded.value",
            ].map { (engine, $0) }
        } + [
            (.sqlite, "INSERT OR REPLACE INTO items (id, value) VALUES (1, 'x')"),
            (.postgres, "TRUNCATE items"),
        ]

    @Test(
        "let rows of an append-only table be added, and neither changed nor removed",
        arguments: changes)
    func appendOnly(_ engine: Engine, _ change: String) async throws {
        let scratch = try await Scratch(engine)
        let database = try await scratch.open([
            .items, Migration(2, "items stay", [], appendOnly: ["items"]),
        ])
        try await database.insert(1...2)
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await database.write { try $0.execute(change, []) }
        }
        #expect(error?.code == .constraint)
        #expect(error?.message.contains("items can only be added to") == true)
        #expect(try await database.count() == 2)
    }
}
