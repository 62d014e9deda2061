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

    /// Stores those whose version is higher than the stored one's.
    ///
    /// - Returns: for each whether it was.
    func store(_ documents: [Usage]) throws -> [Bool] {
        let changed = try connection.executeEach(
            """
            INSERT INTO facts (order_id, line_id, version, body) VALUES ($1, $2, $3, $4)
            ON CONFLICT (order_id, line_id) DO UPDATE
            SET version = excluded.version, body = excluded.body
            WHERE facts.version < excluded.version
            """,
            documents.map {
                [
                    .text($0.orderID), .text($0.lineID), .integer($0.version),
                    .blob($0.facts.jsonBytes()),
                ]
            })
        return changed.map { $0 > 0 }
    }

    /// The facts of those lines, by order and line; a line without a document is missing.
    func load(_ lines: some Sequence<LineKey>) throws -> [String: [String: UsageFacts]] {
        let keys = Set(lines)
        let rows = try connection.queryEach(
            "SELECT body FROM facts WHERE order_id = $1 AND line_id = $2",
            keys.map { [.text($0.orderID), .text($0.lineID)] })
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
        try connection.executeEach(
            "UPDATE facts SET body = $3 WHERE order_id = $1 AND line_id = $2",
            lines.compactMap { line in
                facts[line.orderID]?[line.lineID]?.afterRefund.map {
                    [.text(line.orderID), .text(line.lineID), .blob($0.jsonBytes())]
                }
            })
    }
}
