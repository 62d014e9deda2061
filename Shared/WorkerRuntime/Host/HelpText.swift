/// What `--help` prints.
enum HelpText {
    static func of(_ service: ServiceDescription) -> String {
        let prefix = service.name.uppercased().map { $0 == "-" ? "_" : $0 }
        var text = """
            usage: \(service.name) [--SETTING VALUE]... | --help | --version

            A setting is taken from its flag, else from the environment, else from the YAML file named
            by --config; in each, \(service.name)'s own (\(String(prefix))_HTTP_PORT) goes \
            before the common one (HTTP_PORT).
            Durations are a number with ms, s, m, h or d.


            """
        for setting in service.settings {
            text += "  \(setting.flag), \(setting.variable)"
            if let value = setting.defaultValue { text += "  (default \(value))" }
            text += "\n      \(setting.meaning)\n"
        }
        return text
    }
}
