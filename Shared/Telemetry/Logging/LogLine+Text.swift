import Logging

extension LogLine {
    /// `07:00:00.123 info  certificates message key=value …` and a line feed.
    ///
    /// Values with spaces or quotes are quoted, control characters are escaped: what came from
    /// outside cannot steer the terminal.
    func text(colour: Bool) -> [UInt8] {
        let clock = time.rfc3339.dropFirst("2026-11-23T".count).dropLast()
        let name = level.rawValue.padded(to: 8)
        var text = colour ? "\(dim)\(clock)\(reset) \(paint)\(name)\(reset)" : "\(clock) \(name)"
        text += " \(Self.plain(service)) \(Self.plain(message))"
        for (key, value) in fields {
            let pair = (Self.plain(key) + "=", Self.quotedIfNeeded(value))
            text += colour ? " \(dim)\(pair.0)\(reset)\(pair.1)" : " \(pair.0)\(pair.1)"
        }
        return Array(text.utf8) + [UInt8(ascii: "\n")]
    }

    private var dim: String { "\u{1b}[2m" }
    private var reset: String { "\u{1b}[0m" }

    /// The colour of the level (ECMA-48 SGR).
    private var paint: String {
        switch level {
        case .trace, .debug: "\u{1b}[2m"
        case .info, .notice: "\u{1b}[32m"
        case .warning: "\u{1b}[33m"
        case .error, .critical: "\u{1b}[1;31m"
        }
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        let needsQuotes = text.unicodeScalars.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        guard needsQuotes || text.isEmpty else { return plain(text) }
        var quoted: [UInt8] = []
        appendQuoted(text, to: &quoted)
        return String(decoding: quoted, as: UTF8.self)
    }

    /// The text with its control characters escaped as in JSON.
    private static func plain(_ text: String) -> String {
        let isClean = text.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value)
                && $0 != "\u{2028}" && $0 != "\u{2029}"
        }
        guard !isClean else { return text }
        var quoted: [UInt8] = []
        appendQuoted(text, to: &quoted)
        return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - utf8.count))
    }
}
