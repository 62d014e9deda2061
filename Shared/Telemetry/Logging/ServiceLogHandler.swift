public import Logging

/// Writes log events as lines of JSON or readable text.
///
/// An error given with an event becomes the metadata `error`.
public struct ServiceLogHandler: LogHandler {
    /// Metadata on every line of this logger.
    public var metadata: Logger.Metadata = [:]
    /// Metadata asked for at each line.
    public var metadataProvider: Logger.MetadataProvider?
    /// Events below this level are not written.
    public var logLevel: Logger.Level

    private let service: String
    private let format: LogFormat
    private let output: LogOutput

    /// A handler for one service's lines.
    public init(
        service: String, format: LogFormat, level: Logger.Level = .info,
        output: LogOutput = .standardOutput
    ) {
        self.service = service
        self.format = format
        self.output = output
        logLevel = level
    }

    /// One value of the metadata on every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Renders and writes one event.
    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() {
            all.merge(provided) { _, new in new }
        }
        if let given = event.metadata {
            all.merge(given) { _, new in new }
        }
        if let error = event.error {
            all["error"] = "\(error)"
        }
        let line = LogLine(
            time: .now(), level: event.level, service: service,
            message: event.message.description, metadata: all)
        switch format {
        case .json: output.write(line.json())
        case .text(let colour): output.write(line.text(colour: colour))
        }
    }
}
