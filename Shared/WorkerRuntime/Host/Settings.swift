import Configuration

/// The values of a service's settings: a flag goes before the environment, that before the file; in
/// each, `<service>.<key>` goes before `<key>`. An empty value is none.
public struct Settings: Sendable {
    /// Where a value came from, as an operator knows it.
    struct Found {
        var value: String
        var origin: String
    }

    private let service: String
    private let declared: [String: Setting]
    /// Flags, environment and, where there is one, the file.
    private var providers: [any ConfigProvider]

    /// - Parameter environment: instead of the process's own.
    /// - Throws: `ConfigurationFault` where the YAML file cannot be read or is none.
    init(
        _ description: ServiceDescription, flags: [String: String],
        environment: [String: String]? = nil
    ) async throws(ConfigurationFault) {
        service = description.name
        declared = Dictionary(uniqueKeysWithValues: description.settings.map { ($0.key, $0) })
        let values = flags.map {
            (AbsoluteConfigKey(Self.parts($0.key)), ConfigValue(.string($0.value), isSecret: false))
        }
        let variables =
            environment.map { EnvironmentVariablesProvider(environmentVariables: $0) }
            ?? EnvironmentVariablesProvider()
        providers = [
            InMemoryProvider(name: "flags", values: Dictionary(uniqueKeysWithValues: values)),
            variables,
        ]
        if let path = try optional(CommonSetting.config) {
            providers.append(try await Self.file(path))
        }
    }

    private static func file(
        _ path: String
    ) async throws(ConfigurationFault) -> any ConfigProvider {
        let location = InMemoryProvider(values: ["filePath": .init(.string(path), isSecret: false)])
        do {
            return try await FileProvider<YAMLSnapshot>(config: ConfigReader(provider: location))
        } catch {
            throw ConfigurationFault("The configuration file \(path) cannot be used: \(error).")
        }
    }

    private static func parts(_ key: String) -> [String] {
        key.split(separator: ".").map(String.init)
    }

    /// The first value found, with its origin; nil where there is none.
    func find(_ key: String) throws(ConfigurationFault) -> Found? {
        guard let setting = declared[key] else {
            preconditionFailure("the setting \(key) is not declared")
        }
        for (index, provider) in providers.enumerated() {
            for prefix in [[service], []] {
                let absolute = AbsoluteConfigKey(prefix + Self.parts(key))
                let result: LookupResult
                do {
                    result = try provider.value(forKey: absolute, type: .string)
                } catch {
                    throw ConfigurationFault("The setting \(key) is not a single value: \(error).")
                }
                if case .string(let value)? = result.value?.content, !value.isEmpty {
                    return Found(
                        value: value, origin: index == 0 ? setting.flag : result.encodedKey)
                }
            }
        }
        return nil
    }

    /// Whether an operator set it, rather than its default speaking.
    func isSet(_ key: String) throws(ConfigurationFault) -> Bool { try find(key) != nil }

    /// The value, or the declared default, if any.
    public func optional(_ key: String) throws(ConfigurationFault) -> String? {
        try find(key)?.value ?? declared[key]?.defaultValue
    }

    /// The value, or the declared default.
    /// - Throws: `ConfigurationFault` where there is neither.
    public func string(_ key: String) throws(ConfigurationFault) -> String {
        guard let value = try optional(key) else {
            throw ConfigurationFault("The setting \(key) is missing: \(help(key))")
        }
        return value
    }

    /// The sentence about a value, with where it came from and what the setting means.
    public func fault(_ key: String, _ complaint: String) -> ConfigurationFault {
        let found = try? find(key)
        let origin = found.map { " (from \($0.origin))" } ?? ""
        return ConfigurationFault("The setting \(key)\(origin) \(complaint). \(help(key))")
    }

    /// The contents of the file that the setting names, without line end; nil where it is not set.
    /// - Throws: `ConfigurationFault` where it cannot be read, is empty or larger than 64 KiB.
    public func secret(file key: String) throws(ConfigurationFault) -> String? {
        guard let path = try optional(key) else { return nil }
        return try SecretFile.read(path)
    }

    private func help(_ key: String) -> String {
        guard let setting = declared[key] else { return "" }
        return "Set \(setting.flag) or \(setting.variable): \(setting.meaning)"
    }
}
