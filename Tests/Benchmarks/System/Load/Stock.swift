import AMQP
import Foundation
import RefundMessages
import TestSupport

/// Makes many rows of few: a period of the mix goes through the product itself, and what it wrote is
/// written again under other ids, by the database alone. So the rows are the product's own, whatever
/// its schema and codec.
actor Stock {
    /// Of what rows are made.
    enum Kind: String, Sendable {
        /// Orders with their usage documents, not yet refunded.
        case orders = "s"
        /// Cases that are done with: refunded, denied or in need of steps.
        case cases = "c"

        /// What every id of the template carries; copies carry their number instead of the zeros.
        var template: String { mark(0) }
        func mark(_ copy: Int) -> String {
            rawValue + String(String(10_000_000 + copy).dropFirst())
        }
    }

    /// Copies of a period written in one transaction.
    private static let perTransaction = 200

    private let store: any Store
    private var copies: [Kind: Int] = [:]
    private var statements: [Kind: [(database: String, sql: [String])]] = [:]

    init(_ store: any Store) { self.store = store }

    /// How many periods there are of it.
    func count(of kind: Kind) -> Int { copies[kind, default: 0] }

    /// Keeps the template's rows aside. No service may run.
    func keep(_ kind: Kind) async throws {
        for database in store.databases {
            var inserts: [String] = []
            for table in try await store.tables(of: database) {
                let texts = table.columns.filter { $0.kind == .text }.map(\.name)
                guard !texts.isEmpty, !table.name.hasPrefix("bench_") else { continue }
                let kept = "bench_\(kind.rawValue)_\(table.name)"
                let condition = texts.map { "\($0) LIKE '%\(kind.template)%'" }
                try await store.run(
                    [
                        "CREATE TABLE \(kept) AS SELECT * FROM \(table.name) WHERE "
                            + condition.joined(separator: " OR ")
                    ], in: database)
                // Legs are asked for again for 30 days; what is stored is older.
                if kind == .cases, table.columns.contains(where: { $0.name == "due_at" }) {
                    try await store.run(["UPDATE \(kept) SET due_at = NULL"], in: database)
                }
                inserts.append(insert(kind, kept, into: table))
            }
            statements[kind, default: []].append((database, inserts))
        }
    }

    /// Writes that many more periods, into all databases at once. No service may run.
    /// - Returns: the number of the first.
    func add(_ kind: Kind, periods: Int) async throws -> Int {
        print("    writing \(periods * Workload.period) more \(kind) into the database")
        let first = count(of: kind) + 1
        let store = store
        try await withThrowingTaskGroup { group in
            for (database, inserts) in statements[kind] ?? [] {
                group.addTask {
                    try await Self.write(
                        inserts, first..<(first + periods), into: database, of: store)
                }
            }
            try await group.waitForAll()
        }
        copies[kind] = first + periods - 1
        try await store.settle()
        return first
    }

    private static func write(
        _ inserts: [String], _ copies: Range<Int>, into database: String, of store: any Store
    ) async throws {
        for begin in stride(from: copies.lowerBound, to: copies.upperBound, by: perTransaction) {
            let end = min(begin + perTransaction, copies.upperBound)
            let filled = inserts.map {
                $0.replacing("FIRST", with: "\(begin)").replacing("END", with: "\(end)")
            }
            try await store.run(["BEGIN"] + filled + ["COMMIT"], in: database)
        }
    }

    /// In the order of the copies, so that the tables' keys grow.
    private func insert(_ kind: Kind, _ kept: String, into table: Table) -> String {
        let mark = "'\(kind.rawValue)' || substr(CAST(10000000 + n AS TEXT), 2)"
        let values = table.columns.map { column in
            switch column.kind {
            case .text: "replace(\(column.name), '\(kind.template)', \(mark))"
            case .blob:
                store.engine.blob(
                    "replace(\(store.engine.text(column.name)), '\(kind.template)', \(mark))")
            case .other: column.name
            }
        }
        let columns = table.columns.map(\.name).joined(separator: ", ")
        return """
            WITH RECURSIVE series (n) AS
                (SELECT FIRST UNION ALL SELECT n + 1 FROM series WHERE n + 1 < END)
            INSERT INTO \(table.name) (\(columns))
            SELECT \(values.joined(separator: ", ")) FROM series CROSS JOIN \(kept)
            """
    }
}

extension Engine {
    /// A blob's bytes as text, in SQL; our blobs are UTF-8.
    fileprivate func text(_ blob: String) -> String {
        switch self {
        case .sqlite: "CAST(\(blob) AS TEXT)"
        case .postgres: "convert_from(\(blob), 'UTF8')"
        }
    }

    fileprivate func blob(_ text: String) -> String {
        switch self {
        case .sqlite: "CAST(\(text) AS BLOB)"
        case .postgres: "convert_to(\(text), 'UTF8')"
        }
    }
}
