import RefundMessages

/// A table that is printed page by page: its titles once, its columns never narrower than before.
struct StreamedTable {
    private var table: Table
    private var widths: [Int] = []
    private(set) var count = 0

    init(_ table: Table) { self.table = table }

    /// The lines for some more rows.
    mutating func lines(_ rows: [[Table.Cell]], colour: Bool) -> [String] {
        guard !rows.isEmpty else { return [] }
        for row in rows { table.add(row) }
        let isFirst = widths.isEmpty
        widths = table.widths(atLeast: widths)
        count += rows.count
        defer { table.clear() }
        return table.lines(colour: colour, widths: widths, isTitled: isFirst)
    }
}

extension Console {
    /// Prints a list as it comes: as a table, or as one JSON array.
    ///
    /// - Parameter empty: what is said where there is nothing.
    func print(
        _ listing: DeadLetterAPI.Listing, _ pages: PagesOptions, of api: DeadLetterAPI,
        as titles: Table, empty: String, _ cells: (JSONValue) throws -> [Table.Cell]
    ) async throws {
        if json { return try await printJSON(listing, pages, of: api) }
        var table = StreamedTable(titles)
        let next = try await api.read(listing, from: pages.after, limit: pages.limit(self)) {
            page in
            for line in table.lines(try page.elements.map(cells), colour: colour) {
                self.line(line)
            }
        }
        if table.count == 0 { line(empty) }
        if let next { line("There is more: --all, or --after \(next.printable)") }
    }

    private func printJSON(
        _ listing: DeadLetterAPI.Listing, _ pages: PagesOptions, of api: DeadLetterAPI
    ) async throws {
        var isFirst = true
        _ = try await api.read(listing, from: pages.after, limit: pages.limit(self)) { page in
            for line in try page.lines() {
                text((isFirst ? "[" : ",\n") + String(decoding: line, as: UTF8.self))
                isFirst = false
            }
        }
        text(isFirst ? "[]\n" : "]\n")
    }
}
