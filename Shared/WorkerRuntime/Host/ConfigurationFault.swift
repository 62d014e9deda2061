/// What is wrong with the configuration, in one sentence that names the setting and what to do.
public struct ConfigurationFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// A fault with that sentence.
    public init(_ sentence: String) { description = sentence }
}

/// A command line that is not one; shown with the way to `--help`.
struct UsageFault: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ sentence: String) { description = sentence }
}

/// How a service ends (sysexits.h).
enum ExitStatus {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    static let usage: Int32 = 64
    static let configuration: Int32 = 78
}
