import Foundation

/// The figures as a table for people.
enum ReportTable {
    static func text(_ lines: [Report.Line]) -> String {
        var rows: [String] = []
        for part in Part.allCases {
            let own = lines.filter { $0.part == part }
            guard !own.isEmpty else { continue }
            rows.append("")
            rows.append(
                padded(part.title, 46) + right("system", 12) + right("pump", 12)
                    + right("ratio", 9) + "  limit")
            rows += own.map(row)
        }
        return rows.joined(separator: "\n") + "\n"
    }

    static func row(_ line: Report.Line) -> String {
        let name = [line.engine?.rawValue, line.name, "[\(line.unit)]"].compactMap(\.self)
        let verdict = line.limit.map { limit in
            "  \(limit.text) \(line.isWithinLimit == true ? "yes" : "NO")"
        }
        return padded(name.joined(separator: " "), 46) + right(number(line.system), 12)
            + right(number(line.pump), 12) + right(number(line.ratio), 9) + (verdict ?? "")
    }

    /// Three digits that count.
    static func number(_ value: Double?) -> String {
        guard let value else { return "" }
        let digits = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : abs(value) >= 0.1 ? 2 : 4
        return String(format: "%.\(digits)f", value)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 1))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 1)) + text
    }
}
