/// How a log line looks.
public enum LogFormat: Sendable, Hashable {
    /// One JSON object a line, for collectors.
    case json
    /// Readable text; coloured only where somebody looks at a terminal.
    case text(colour: Bool)
}

/// Bounds on one log line, so that no value can flood a collector.
enum LogLimit {
    /// Bytes of the message.
    static let message = 8 * 1024
    /// Bytes of one metadata value.
    static let value = 2 * 1024
    /// Levels of nested metadata.
    static let depth = 4
}
