/// The flags of a service: `--key value` or `--key=value`, `--help`, `--version`.
///
/// swift-configuration's own provider splits values at commas, which a list of broker addresses
/// has, and accepts unknown flags: so the flags are read here and handed to it as values.
struct CommandLineFlags: Equatable {
    /// By the setting's key.
    var values: [String: String] = [:]
    var asksForHelp = false
    var asksForVersion = false

    /// - Throws: `UsageFault` for an unknown or repeated flag, one without value, or an argument.
    init(_ arguments: some Sequence<String>, settings: [Setting]) throws(UsageFault) {
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": asksForHelp = true
            case "--version": asksForVersion = true
            default: try take(argument, &rest, settings)
            }
        }
    }

    private mutating func take(
        _ argument: String, _ rest: inout ArraySlice<String>, _ settings: [Setting]
    ) throws(UsageFault) {
        guard argument.hasPrefix("--") else {
            throw UsageFault("unexpected argument \"\(argument)\"")
        }
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let flag = String(parts[0])
        guard let setting = settings.first(where: { $0.flag == flag }) else {
            throw UsageFault("unknown flag \(flag)")
        }
        guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
            throw UsageFault("\(flag) needs a value")
        }
        guard values.updateValue(value, forKey: setting.key) == nil else {
            throw UsageFault("\(flag) is given twice")
        }
    }
}
