/// A statement that is run for many rows of arguments, `$1`, `$2` … being a row's.
///
/// PostgreSQL runs it once, over the rows as arrays, which costs it a fraction of as many statements:
/// most of a small statement is what surrounds it. SQLite has no such surroundings, and runs it once
/// for each row.
///
/// - Important: of rows with the same key, `INSERT … DO UPDATE` fails on PostgreSQL, and only one is
///   sure to take effect elsewhere: callers give each key once.
public struct RowStatement: Sendable, Hashable {
    /// What an argument is, or null.
    public enum Kind: String, Sendable, Hashable {
        case integer = "bigint"
        case text = "text"
        case blob = "bytea"
    }

    /// Of each argument.
    let kinds: [Kind]
    /// For one row.
    let single: String
    /// For all of them, as arrays. A query's last column is the row's number, from 1.
    let whole: String
    /// What makes `whole` lock what it finds, row after row.
    let lock: String

    /// `INSERT INTO table (columns) VALUES ($1, $2, …)`, and then `conflict`, which has no arguments.
    public static func insert(
        into table: String, _ columns: KeyValuePairs<String, Kind>, _ conflict: String = ""
    ) -> RowStatement {
        let names = columns.map(\.key).joined(separator: ", ")
        let kinds = columns.map(\.value)
        let numbers = kinds.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        return RowStatement(
            kinds: kinds,
            single: "INSERT INTO \(table) (\(names)) VALUES (\(numbers)) \(conflict)",
            whole: """
                INSERT INTO \(table) (\(names)) SELECT \(fields(numbers)) FROM \(rows(kinds)) \
                \(conflict)
                """)
    }

    /// `UPDATE table SET changes WHERE condition`.
    public static func update(
        _ table: String, set changes: String, where condition: String, _ kinds: Kind...
    ) -> RowStatement {
        RowStatement(
            kinds: kinds, single: "UPDATE \(table) SET \(changes) WHERE \(condition)",
            whole: """
                UPDATE \(table) SET \(fields(changes)) FROM \(rows(kinds)) \
                WHERE \(fields(condition))
                """)
    }

    /// `DELETE FROM table WHERE condition`.
    public static func delete(
        from table: String, where condition: String, _ kinds: Kind...
    ) -> RowStatement {
        RowStatement(
            kinds: kinds, single: "DELETE FROM \(table) WHERE \(condition)",
            whole: "DELETE FROM \(table) USING \(rows(kinds)) WHERE \(fields(condition))")
    }

    /// `SELECT columns FROM table WHERE condition`.
    ///
    /// - Parameter locking: whether the rows found are locked until a writing transaction ends, in
    ///   the order of the arguments.
    public static func select(
        _ columns: String, from table: String, where condition: String, _ kinds: Kind...,
        locking: Bool = false
    ) -> RowStatement {
        RowStatement(
            kinds: kinds, single: "SELECT \(columns) FROM \(table) WHERE \(condition)",
            whole: """
                SELECT \(columns), r.n FROM \(rows(kinds, numbered: true)), \(table) \
                WHERE \(fields(condition))
                """,
            lock: locking ? " ORDER BY r.n FOR UPDATE OF \(table)" : "")
    }

    private init(kinds: [Kind], single: String, whole: String, lock: String = "") {
        self.kinds = kinds
        self.single = single
        self.whole = whole
        self.lock = lock
    }

    /// The arrays as a relation `r (c1, c2, …)`, and with the rows' numbers `n`.
    private static func rows(_ kinds: [Kind], numbered: Bool = false) -> String {
        let arrays = kinds.enumerated().map { "$\($0.offset + 1)::\($0.element.rawValue)[]" }
        let fields = kinds.indices.map { "c\($0 + 1)" } + (numbered ? ["n"] : [])
        return "unnest(\(arrays.joined(separator: ", ")))"
            + (numbered ? " WITH ORDINALITY" : "") + " AS r (\(fields.joined(separator: ", ")))"
    }

    /// With the arguments as the relation's fields.
    private static func fields(_ sql: String) -> String { sql.replacing("$", with: "r.c") }
}
