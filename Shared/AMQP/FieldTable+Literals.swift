// Tables as they are mostly written: `["x-queue-type": "quorum", "x-max-length": 1_000]`.

extension FieldTable: ExpressibleByDictionaryLiteral {
    /// The entries in the order in which they are written.
    public init(dictionaryLiteral elements: (String, FieldValue)...) {
        self.init(elements.map { (key: $0.0, value: $0.1) })
    }
}

extension FieldValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    /// A long string in UTF-8.
    public init(stringLiteral value: String) { self = .string(Array(value.utf8)) }
    /// A signed 64-bit integer.
    public init(integerLiteral value: Int64) { self = .int64(value) }
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}
