/// Why a policy file cannot be used, and where.
struct PolicyFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of fault it is.
    enum Code: Sendable, Hashable {
        case unreadable, notYAML, unknownKey, missingKey, wrongType, outOfRange, unknownZone
    }

    var code: Code
    var file: String
    /// From 1; nil where the file could not be read at all.
    var line: Int?
    /// From 1.
    var column: Int?
    /// What is wrong and what to do.
    var message: String

    /// `file:line:column: message`, as compilers say it.
    var description: String {
        ([file] + [line, column].compactMap { $0.map(String.init) }).joined(separator: ":")
            + ": \(message)"
    }
}
