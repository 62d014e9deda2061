import RefundMessages

extension DeadLetterAPI {
    /// A list of the API, asked for page by page.
    struct Listing: Sendable {
        var path: [String]
        /// Its member in the answer.
        var name: StaticString
        var query: [(name: String, value: String)] = []
    }

    /// One page: its elements as they came and as they are read.
    struct Page {
        var answer: Answer
        var elements: [JSONValue]
        var next: String?
        fileprivate var name: StaticString

        /// Each element's JSON, as it came but safe on a terminal.
        func lines() throws(MessageFault) -> [[UInt8]] {
            guard let list = try RawObject(checked: answer.bytes[...])["\(name)"] else { return [] }
            return RawObject.elements(list).map { JSONBytes.printable($0) }
        }
    }

    /// Hands over page after page until there is no more, or `limit` entries were handed over, so
    /// that no more than one page is held at a time.
    ///
    /// - Parameters:
    ///   - cursor: where an earlier reading ended.
    ///   - limit: nil for all.
    /// - Returns: where the next reading begins; nil at the end.
    func read(
        _ listing: Listing, from cursor: String?, limit: Int?,
        _ body: (Page) throws -> Void
    ) async throws -> String? {
        var cursor = cursor
        var left = limit ?? .max
        while left > 0 {
            var query = listing.query + [("limit", String(min(left, Self.maxPage)))]
            if let cursor { query.append(("cursor", cursor)) }
            guard let answer = try await get(listing.path, query) else {
                throw CommandFailure(
                    .refused, "the service has no such list; is it of this version?")
            }
            let page = Page(
                answer: answer,
                elements: try answer.root[listing.name].list { (value) in value },
                next: try answer.root["next"].ifPresent?.anyText(), name: listing.name)
            try body(page)
            guard let next = page.next else { return nil }
            cursor = next
            left -= page.elements.count
        }
        return cursor
    }
}
