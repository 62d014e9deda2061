import ArgumentParser
import RefundMessages

/// Where the dead-letter service is, and who asks.
struct DeadLettersOptions: ParsableArguments {
    static let defaultURL = "http://127.0.0.1:8090"

    @Option(
        help: """
            The dead-letter service's API (REFUND_DEAD_LETTERS_URL; default \
            \(DeadLettersOptions.defaultURL)). It takes the same token as the orchestrator's.
            """)
    var deadLettersURL: String?

    @Option(
        help: """
            Who you are, 1 to 128 characters (default: your login name). Where the API knows you by \
            your token it must be the token's name.
            """)
    var `operator`: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if let name = `operator`, !(1...128).contains(name.unicodeScalars.count) {
            throw ValidationError("--operator takes 1 to 128 characters.")
        }
    }

    var console: Console { global.console }

    func api() throws(CommandFailure) -> DeadLetterAPI {
        try Self.api(deadLettersURL ?? Self.configuredURL ?? Self.defaultURL, global, `operator`)
    }

    /// The service that the environment names; nil where it names none.
    static func configuredAPI(_ global: GlobalOptions) throws(CommandFailure) -> DeadLetterAPI? {
        guard let url = configuredURL else { return nil }
        return try api(url, global, nil)
    }

    private static var configuredURL: String? {
        GlobalOptions.environment("REFUND_DEAD_LETTERS_URL")
    }

    private static func api(
        _ url: String, _ global: GlobalOptions, _ name: String?
    ) throws(CommandFailure) -> DeadLetterAPI {
        DeadLetterAPI(
            client: try APIClient(
                baseURL: url, tokenFile: global.tokenFile, operatorName: name,
                option: "--dead-letters-url"))
    }
}

/// The id of a dead letter.
func isDeadLetterID(_ text: String) -> Bool {
    (1...18).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: "0")
        && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
}

/// Which dead letter.
struct DeadLetterID: ParsableArguments {
    @Argument(help: "The dead letter, as the list names it.")
    var id: String

    func validate() throws {
        guard isDeadLetterID(id) else {
            throw ValidationError("'\(id.printable)' is no dead letter's id (a whole number).")
        }
    }
}
