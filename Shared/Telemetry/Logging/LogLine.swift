import Logging

/// One log line before it is rendered: times, names and flat metadata.
struct LogLine {
    var time: WallTime
    var level: Logger.Level
    var service: String
    var message: String
    /// Flat, sorted by key and without repeated keys.
    var fields: [(key: String, value: String)]

    init(
        time: WallTime, level: Logger.Level, service: String, message: String,
        metadata: Logger.Metadata
    ) {
        self.time = time
        self.level = level
        self.service = service
        self.message = Self.bounded(message, LogLimit.message)
        fields = []
        append(metadata, prefix: "", depth: 0)
        fields.sort { $0.key < $1.key }
        for index in fields.indices.dropFirst().reversed()
        where fields[index].key == fields[index - 1].key {
            fields.remove(at: index)
        }
    }

    /// Keys of the line itself; metadata of the same name is shown as `meta.<name>`.
    static let ownKeys: Set<String> = ["time", "level", "service", "message"]

    private mutating func append(_ metadata: Logger.Metadata, prefix: String, depth: Int) {
        for (key, value) in metadata {
            let path = prefix.isEmpty && Self.ownKeys.contains(key) ? "meta.\(key)" : prefix + key
            if case .dictionary(let nested) = value, depth < LogLimit.depth {
                append(nested, prefix: path + ".", depth: depth + 1)
            } else {
                fields.append((path, Self.bounded("\(value)", LogLimit.value)))
            }
        }
    }

    /// At most that many bytes, cut between Unicode scalars.
    private static func bounded(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
        while end > text.startIndex, String.Index(end, within: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end]) + "…"
    }
}
