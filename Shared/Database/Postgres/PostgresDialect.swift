/// Where PostgreSQL's data definitions differ from those that migrations are written in.
enum PostgresDialect {
    /// Types of the shared SQL. Texts are ids and codes: compared and sorted by their bytes, whatever
    /// the database's own collation is.
    private static let types = ["BLOB": "BYTEA", "TEXT": "TEXT COLLATE \"C\""]

    /// A statement of a migration in PostgreSQL's words; only definitions of tables have any.
    static func translated(_ statement: String) -> String {
        let start = statement.drop(while: \.isWhitespace).prefix(12).uppercased()
        guard start == "CREATE TABLE" || start.hasPrefix("ALTER TABLE") else { return statement }
        // Literals stand between quotes: every second piece.
        let pieces = statement.split(separator: "'", omittingEmptySubsequences: false)
        return pieces.enumerated().map { index, piece in
            index.isMultiple(of: 2) ? definition(piece) : String(piece)
        }.joined(separator: "'")
    }

    private static func definition(_ text: Substring) -> String {
        var result = ""
        var rest = text
        while let first = rest.first {
            let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            if word.isEmpty {
                result.append(first)
                rest = rest.dropFirst()
            } else {
                result += types[word.uppercased()] ?? String(word)
                rest = rest.dropFirst(word.count)
            }
        }
        return result
    }

    /// What refuses to change or remove a row of that table.
    static func guards(of table: String) -> [String] {
        let refusal = """
            CREATE FUNCTION \(table)_only_grows() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN
                RAISE EXCEPTION '\(table) can only be added to'
                    USING ERRCODE = 'integrity_constraint_violation';
            END
            $body$
            """
        let triggers = [
            ("change", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT"),
        ]
        return [refusal]
            + triggers.map { name, events, level in
                """
                CREATE TRIGGER \(table)_no_\(name) BEFORE \(events) ON \(table)
                FOR EACH \(level) EXECUTE FUNCTION \(table)_only_grows()
                """
            }
    }
}
