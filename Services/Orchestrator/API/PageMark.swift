/// A place in a list that is paged by keys: what the last row of a page was ordered by. As a text
/// `<number>~<text>`; clients pass it on as they got it.
struct PageMark: Sendable, Hashable {
    var number: Int64
    var text: String

    init(number: Int64, text: String) {
        self.number = number
        self.text = text
    }

    /// Nil where the text is none; none of ours has U+0000.
    init?(_ mark: String) {
        guard !mark.utf8.contains(0) else { return nil }
        let parts = mark.split(separator: "~", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[0]) else { return nil }
        self.init(number: number, text: String(parts[1]))
    }

    var description: String { "\(number)~\(text)" }
}
