import Database

/// Pages of dead letters whose bodies hold a text. There is no index over bodies: they are read, a
/// bounded number of them and of their bytes a page, within what the other conditions let through.
struct TextSearch {
    /// Dead letters whose bodies one page reads, and bytes of them.
    static let readRecords: Int64 = 500
    static let readBytes: Int64 = 8 << 20
    /// Dead letters that are looked up together.
    private static let step: Int64 = 100

    let query: RecordQuery
    let text: String

    func page(after cursor: Int64?, limit: Int64) throws -> Page<Record> {
        let sought = Array(text.utf8)
        var found: [Record] = []
        var position = cursor
        var (records, bytes): (Int64, Int64) = (0, 0)
        while true {
            let page = try query.page(after: position, limit: Self.step)
            var rest = page.elements
            while !rest.isEmpty {
                let held = rest.heldTogether
                let contents = try Content.load(held.map(\.id), in: query.connection)
                for record in held {
                    position = record.id
                    records += 1
                    bytes += record.bodyBytes
                    if contents[record.id]?.body.holds(sought) == true { found.append(record) }
                    if found.count == Int(limit) { return Page(elements: found, next: record.id) }
                }
                rest.removeFirst(held.count)
                if records >= Self.readRecords || bytes >= Self.readBytes {
                    return Page(elements: found, next: position)
                }
            }
            guard let next = page.next else { return Page(elements: found, next: nil) }
            // Looking for candidates has its own bound, which a short page says was reached.
            if page.elements.count < Int(Self.step) { return Page(elements: found, next: next) }
            position = next
        }
    }
}

extension RecordFilter {
    /// The page after `cursor`, an id.
    func page(
        _ order: ArrivalOrder, after cursor: Int64?, limit: Int64, in connection: any SQLConnection
    ) throws -> Page<Record> {
        let query = RecordQuery(filter: self, order: order, connection: connection)
        guard let text else { return try query.page(after: cursor, limit: limit) }
        return try TextSearch(query: query, text: text).page(after: cursor, limit: limit)
    }
}
