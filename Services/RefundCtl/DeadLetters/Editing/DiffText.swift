import RefundMessages

/// What an edit changes, for people: changed lines with some around them.
enum DiffText {
    /// Lines around a change.
    static let context = 3
    /// Lines shown, at most.
    static let mostLines = 400

    static func lines(
        _ diff: [Job.DiffLine], _ paint: (String, Style) -> String
    ) -> [String] {
        let near = Set(
            diff.indices.filter { diff[$0].op != "same" }
                .flatMap { ($0 - context)...($0 + context) })
        var result: [String] = []
        var isSkipping = false
        for (index, line) in diff.enumerated() {
            guard near.contains(index) else {
                if !isSkipping { result.append(paint("  …", .faint)) }
                isSkipping = true
                continue
            }
            isSkipping = false
            let text = line.text.clipped(to: BodyLines.widest)
            switch line.op {
            case "removed": result.append(paint("- \(text)", .bad))
            case "added": result.append(paint("+ \(text)", .good))
            default: result.append("  \(text)")
            }
        }
        let more = result.count - mostLines
        return more > 0
            ? result.prefix(mostLines) + [paint("… \(more) lines more", .faint)] : result
    }
}
