/// What an edit changed, line by line.
enum BodyDiff {
    enum Operation: String { case same, removed, added }

    struct Line: Equatable {
        var op: Operation
        var text: String
    }

    /// Lines of either side that are compared; of more, all are removed and all are added.
    private static let maximumLines = 2_000

    /// Of the indented bodies, or of the bodies as they are where one is no JSON.
    static func lines(from old: [UInt8], to new: [UInt8]) -> [Line] {
        let before = text(old)
        let after = text(new)
        guard before.count <= maximumLines, after.count <= maximumLines else {
            return before.map { Line(op: .removed, text: $0) }
                + after.map { Line(op: .added, text: $0) }
        }
        let difference = after.difference(from: before)
        let removed = Set(
            difference.removals.compactMap {
                if case .remove(let offset, _, _) = $0 { offset } else { nil }
            })
        let added = Set(
            difference.insertions.compactMap {
                if case .insert(let offset, _, _) = $0 { offset } else { nil }
            })
        var lines: [Line] = []
        var (left, right) = (0, 0)
        while left < before.count || right < after.count {
            if removed.contains(left) {
                lines.append(Line(op: .removed, text: before[left]))
                left += 1
            } else if added.contains(right) {
                lines.append(Line(op: .added, text: after[right]))
                right += 1
            } else {
                lines.append(Line(op: .same, text: after[right]))
                left += 1
                right += 1
            }
        }
        return lines
    }

    private static func text(_ body: [UInt8]) -> [String] {
        PrettyJSON(body, path: nil)?.lines
            ?? String(decoding: body, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
