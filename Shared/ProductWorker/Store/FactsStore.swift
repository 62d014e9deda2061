import Database
import RefundMessages

/// The key of an order line.
struct LineKey: Sendable, Hashable {
    let orderID: String
    let lineID: String
}

/// The usage documents of one product, the latest of each line, inside a transaction.
struct FactsStore {
    let connection: any SQLConnection
    let product: Product

    private static let find = RowStatement.select(
        "body", from: "facts", where: "order_id = $1 AND line_id = $2", .text, .text)
    private static let findVersion = RowStatement.select(
        "version", from: "facts", where: "order_id = $1 AND line_id = $2", .text, .text)
    private static let store = RowStatement.insert(
        into: "facts",
        ["order_id": .text, "line_id": .text, "version": .integer, "body": .blob],
        """
        ON CONFLICT (order_id, line_id) DO UPDATE
        SET version = excluded.version, body = excluded.body
        WHERE facts.version < excluded.version
        """)
    private static let mark = RowStatement.update(
        "facts", set: "body = $3", where: "order_id = $1 AND line_id = $2", .text, .text, .blob)

    /// Stores those whose version is higher than the stored one's. Their orders are locked.
    ///
    /// - Returns: the lines that have newer facts now.
    func store(_ documents: [Usage]) throws -> Set<LineKey> {
        var newest: [LineKey: Usage] = [:]
        for document in documents {
            let key = LineKey(orderID: document.orderID, lineID: document.lineID)
            if let other = newest[key], other.version >= document.version { continue }
            newest[key] = document
        }
        let keys = newest.keys.sorted { ($0.orderID, $0.lineID) < ($1.orderID, $1.lineID) }
        let known = try connection.query(
            Self.findVersion, keys.map { [.text($0.orderID), .text($0.lineID)] })
        var written: [(key: LineKey, document: Usage)] = []
        for (key, rows) in zip(keys, known) {
            guard let document = newest[key] else { continue }
            if let row = rows.first, try row.integer(0) >= document.version { continue }
            written.append((key, document))
        }
        try connection.execute(
            Self.store,
            written.map { key, document in
                [
                    .text(key.orderID), .text(key.lineID), .integer(document.version),
                    .blob(document.facts.jsonBytes()),
                ]
            })
        return Set(written.map(\.key))
    }

    /// The facts of those lines, by order and line; a line without a document is missing.
    func load(_ lines: some Sequence<LineKey>) throws -> [String: [String: UsageFacts]] {
        let keys = Set(lines)
        let rows = try connection.query(
            Self.find, keys.map { [.text($0.orderID), .text($0.lineID)] })
        var facts: [String: [String: UsageFacts]] = [:]
        for (key, row) in zip(keys, rows) {
            guard let row = row.first else { continue }
            let json = try JSONDocument(row.blob(0), limits: .stored).root
            facts[key.orderID, default: [:]][key.lineID] = try UsageFacts(
                json: json, product: product)
        }
        return facts
    }

    /// Writes into the worker's own view what a refund did to the lines' resources (PCA-4).
    func markRefunded(_ lines: [LineKey]) throws {
        let facts = try load(lines)
        try connection.execute(
            Self.mark,
            Set(lines).compactMap { line in
                facts[line.orderID]?[line.lineID]?.afterRefund.map {
                    [.text(line.orderID), .text(line.lineID), .blob($0.jsonBytes())]
                }
            })
    }
}
