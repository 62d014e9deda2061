/// A table for people: columns as wide as their widest cell, two spaces between them.
struct Table {
    struct Column {
        var title: String
        var alignsRight = false
    }

    struct Cell: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
        /// Shown one below the other.
        var lines: [String]
        var style: Style

        init(_ text: String, _ style: Style = .plain) { self.init(lines: [text], style) }

        init(lines: [String], _ style: Style = .plain) {
            self.lines = lines.isEmpty ? [""] : lines.map(\.printable)
            self.style = style
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    var columns: [Column]
    private(set) var rows: [[Cell]] = []

    /// A title that starts with `>` aligns its column right.
    init(_ titles: String...) {
        columns = titles.map {
            $0.hasPrefix(">")
                ? Column(title: String($0.dropFirst()), alignsRight: true) : Column(title: $0)
        }
    }

    mutating func add(_ cells: Cell...) { add(cells) }

    mutating func add(_ cells: [Cell]) {
        precondition(cells.count == columns.count)
        rows.append(cells)
    }

    /// The lines of the table, the titles first.
    func lines(colour: Bool) -> [String] { lines(colour: colour, widths: widths()) }

    /// What each column needs, and no less than it had before.
    func widths(atLeast before: [Int] = []) -> [Int] {
        columns.indices.map { index in
            ([titles] + rows).map { $0[index].lines.map(\.columns).max() ?? 0 }
                .reduce(before.isEmpty ? 0 : before[index], max)
        }
    }

    /// The lines with columns of those widths, or wider ones.
    func lines(colour: Bool, widths: [Int], isTitled: Bool = true) -> [String] {
        ((isTitled ? [titles] : []) + rows).flatMap { row in
            (0..<(row.map(\.lines.count).max() ?? 0)).map { line in
                self.line(line, of: row, widths: widths, colour: colour)
            }
        }
    }

    private var titles: [Cell] { columns.map { Cell($0.title, .title) } }

    /// Forgets the rows.
    mutating func clear() { rows = [] }

    private func line(_ number: Int, of row: [Cell], widths: [Int], colour: Bool) -> String {
        let last = row.lastIndex { number < $0.lines.count && !$0.lines[number].isEmpty } ?? -1
        return row.indices.prefix(last + 1).map { index in
            let text = number < row[index].lines.count ? row[index].lines[number] : ""
            let padded =
                index == last && !columns[index].alignsRight
                ? text : text.padded(to: widths[index], alignedRight: columns[index].alignsRight)
            return row[index].style.paint(padded, colour: colour)
        }.joined(separator: "  ")
    }
}

/// How a piece of text stands out (ECMA-48 SGR), where colour is wanted.
enum Style {
    case plain, title, good, bad, attention, pending, faint

    func paint(_ text: String, colour: Bool) -> String {
        guard colour, self != .plain, !text.isEmpty else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private var code: String {
        switch self {
        case .plain: "0"
        case .title: "1"
        case .good: "32"
        case .bad: "31"
        case .attention: "33"
        case .pending: "36"
        case .faint: "2"
        }
    }
}
