import Database
import RefundMessages
import RefundService

extension SQLValue {
    static func text(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }

    /// Foreign text for a column: PostgreSQL's texts have no U+0000, so the character stands for it
    /// whose `amqpBytes` are one zero.
    static func plain(_ text: String?) -> SQLValue {
        guard let text, text.utf8.contains(0) else { return .text(text) }
        return .text(
            String(
                String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{10FE00}" : $0 })
            ))
    }

    static func integer(_ number: Int64?) -> SQLValue { number.map { .integer($0) } ?? .null }
    static func blob(_ bytes: [UInt8]?) -> SQLValue { bytes.map { .blob($0) } ?? .null }
    static func instant(_ instant: Instant) -> SQLValue { .integer(instant.milliseconds) }
    static func flag(_ flag: Bool) -> SQLValue { .integer(flag ? 1 : 0) }
}

extension SQLRow {
    func instant(_ column: Int) throws(DatabaseError) -> Instant {
        Instant(milliseconds: try integer(column))
    }

    func optionalInstant(_ column: Int) throws(DatabaseError) -> Instant? {
        try optionalInteger(column).map { Instant(milliseconds: $0) }
    }

    func flag(_ column: Int) throws(DatabaseError) -> Bool { try integer(column) != 0 }

    /// A text that is one of an enumeration's.
    func choice<Choice: RawRepresentable<String>>(
        _ column: Int, of: Choice.Type = Choice.self
    ) throws(DatabaseError) -> Choice {
        let text = try text(column)
        guard let choice = Choice(rawValue: text) else {
            throw DatabaseError(.unusable, "The database has \"\(text)\" for a \(Choice.self).")
        }
        return choice
    }
}
