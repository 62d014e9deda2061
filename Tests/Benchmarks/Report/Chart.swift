import Foundation

/// The figures as bars in one SVG, readable on light and dark ground.
struct Chart {
    /// Bars beside each other for each group.
    private struct Panel {
        var title: String
        var groups: [(name: String, bars: [(series: String, value: Double)])]
    }

    private static let width = 820.0
    private static let barHeight = 16.0
    private static let labelWidth = 300.0
    private static let valueWidth = 90.0
    private static let style = """
        text { font: 12px system-ui, sans-serif; fill: #1f2328 }
        .title { font-weight: 600; font-size: 14px }
        .system { fill: #0b6bcb } .pump { fill: #9aa4b2 }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3 } .system { fill: #58a6ff } .pump { fill: #6e7681 }
        }
        """

    private let panels: [Panel]

    init(_ lines: [Report.Line]) {
        let titles: [(Part, String, String)] = [
            (.throughput, "refunds/s", "Throughput, refunds a second"),
            (.latency, "ms", "Latency, milliseconds"),
            (.drain, "refunds/s", "Draining a backlog, refunds a second"),
            (.stored, "refunds/s", "Beside stored cases, refunds a second"),
            (.scaling, "checks/s", "Workers on checks of 10 ms, checks a second"),
            (.footprint, "MiB", "Memory, MiB"),
        ]
        panels = titles.compactMap { part, unit, title in
            let groups = lines.filter { $0.part == part && $0.unit == unit }.map { line in
                let bars = [("system", line.system), ("pump", line.pump)]
                return (
                    [line.engine?.rawValue, line.name].compactMap(\.self).joined(separator: " "),
                    bars.compactMap { name, value in value.map { (name, $0) } }
                )
            }
            return groups.isEmpty ? nil : Panel(title: title, groups: groups)
        }
    }

    var svg: String {
        var y = 34.0
        var body = legend()
        for panel in panels {
            y += 26
            body += text(0, y, panel.title, "title")
            y += 12
            let most = panel.groups.flatMap(\.bars).map(\.1).max() ?? 1
            for group in panel.groups {
                body += text(0, y + 12, group.name)
                for (series, value) in group.bars {
                    body += bar(y, series, value, most: most)
                    y += Self.barHeight
                }
                y += 5
            }
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 0 \(Int(Self.width + 20)) \
            \(Int(y + 20))" role="img"><title>What was measured</title>
            <style>\(Self.style)</style>
            \(body)</svg>

            """
    }

    private func legend() -> String {
        """
        <rect class="system" x="0" y="8" width="12" height="12"/>\(text(18, 18, "the system"))\
        <rect class="pump" x="110" y="8" width="12" height="12"/>\
        \(text(128, 18, "the same messages through C on bare librabbitmq"))

        """
    }

    private func bar(_ y: Double, _ series: String, _ value: Double, most: Double) -> String {
        let room = Self.width - Self.labelWidth - Self.valueWidth
        let length = most > 0 ? max(value / most * room, 1) : 1
        return """
            <rect class="\(series)" x="\(Int(Self.labelWidth))" y="\(Int(y + 2))" \
            width="\(Int(length))" height="\(Int(Self.barHeight - 3))"/>\
            \(text(Self.labelWidth + length + 6, y + 13, ReportTable.number(value)))

            """
    }

    private func text(_ x: Double, _ y: Double, _ text: String, _ name: String = "") -> String {
        let safe = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        return "<text class=\"\(name)\" x=\"\(Int(x))\" y=\"\(Int(y))\">\(safe)</text>"
    }
}
