/// One documented setting of a service. Only declared ones can be looked up, so `--help` is complete.
public struct Setting: Sendable {
    /// Dotted, as `http.port`: the flag `--http-port`, the variable `HTTP_PORT`.
    public let key: String
    /// Used where nothing is set; nil: no value.
    public let defaultValue: String?
    /// One sentence for `--help`, with the unit where the default does not show it.
    public let meaning: String

    /// A setting with its default and meaning.
    public init(_ key: String, default defaultValue: String? = nil, _ meaning: String) {
        self.key = key
        self.defaultValue = defaultValue
        self.meaning = meaning
    }

    /// The key's parts in lower case, split at dots and inside camel case.
    private var words: [String] {
        var words: [String] = [""]
        for character in key {
            if character == "." {
                words.append("")
            } else if character.isUppercase {
                words.append(character.lowercased())
            } else {
                words[words.count - 1].append(character)
            }
        }
        return words
    }

    /// `--http-port`.
    var flag: String { "--" + words.joined(separator: "-") }
    /// `HTTP_PORT`.
    var variable: String { words.joined(separator: "_").uppercased() }
}

/// Who a service is, and the settings of its own.
public struct ServiceDescription: Sendable {
    /// The program's name, lower case: prefix of its settings, label of its logs, `app_id`.
    public let name: String
    /// Shown by `--version`.
    public let version: String
    /// All settings, the common ones first.
    public let settings: [Setting]
    /// HTTP port where none is configured; another free one where it is taken.
    public let defaultPort: Int

    /// Exchanges to other services of ours that take several messages as one.
    public let bundledExchanges: Set<String>

    /// A service with its own settings, besides the common ones.
    public init(
        name: String, version: String = "1", defaultPort: Int, settings: [Setting] = [],
        bundledExchanges: Set<String> = []
    ) {
        self.name = name
        self.version = version
        self.defaultPort = defaultPort
        self.bundledExchanges = bundledExchanges
        self.settings =
            CommonSetting.all(defaultPort: defaultPort)
            + (bundledExchanges.isEmpty ? [] : [CommonSetting.bundles]) + settings
        let keys = Set(self.settings.map(\.key))
        precondition(keys.count == self.settings.count, "a setting of \(name) is declared twice")
    }
}

/// The settings every service has.
enum CommonSetting {
    static let config = "config"
    static let amqpURL = "amqp.url"
    static let amqpURLFile = "amqp.urlFile"
    static let dataDirectory = "data.dir"
    static let httpHost = "http.host"
    static let httpPort = "http.port"
    static let logLevel = "log.level"
    static let logFormat = "log.format"
    static let drainTime = "drain.time"
    static let bundleItems = "bundle.items"

    /// Of services that bundle.
    static let bundles = Setting(
        bundleItems, default: "\(Bundle.mostItems)",
        "Messages to other services that are sent as one, at most. 1 sends each alone, which services "
            + "of a version before bundles can read, too.")

    static func all(defaultPort: Int) -> [Setting] {
        [
            Setting(
                config, "YAML file with settings; flags and environment variables go before it."),
            Setting(
                amqpURL, default: "amqp://guest:guest@127.0.0.1:5672/",
                "The broker; several addresses of one cluster are separated by commas."),
            Setting(
                amqpURLFile, "File with that URL instead, where its password is to stay secret."),
            Setting(dataDirectory, default: "./data", "Directory of the service's own files."),
            Setting(httpHost, default: "127.0.0.1", "Address of the HTTP port."),
            Setting(
                httpPort, default: "\(defaultPort)",
                "Port of /healthz, /readyz and /metrics; 0: any free one. The default gives way to "
                    + "any free one where it is taken."),
            Setting(
                logLevel, default: "info",
                "trace, debug, info, notice, warning, error or critical."),
            Setting(logFormat, "json or text; text on a terminal, json elsewhere."),
            Setting(
                drainTime, default: "10s",
                "How long a graceful stop may take to finish or return what is held."),
        ]
    }
}
