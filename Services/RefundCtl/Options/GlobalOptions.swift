import ArgumentParser
import Foundation
import RefundMessages

/// What every command understands.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: """
            The broker (AMQP_URL, or AMQP_URL_FILE for a file with the URL; default \
            amqp://guest:guest@127.0.0.1:5672/).
            """)
    var amqpURL: String?

    @Option(help: "The orchestrator's API (REFUND_API_URL; default http://127.0.0.1:8080).")
    var apiURL: String?

    @Option(help: "A file with the API's token (REFUND_API_TOKEN_FILE; none by default).")
    var apiTokenFile: String?

    @Flag(help: "Print JSON for programs.")
    var json = false

    @Option(help: "The language of sentences: en or ja.")
    var lang: Language = .en

    /// The broker's address: flag, then environment, then the default of a local broker.
    func brokerURL() throws(CommandFailure) -> String {
        if let url = amqpURL ?? Self.environment("AMQP_URL") { return url }
        guard let file = Self.environment("AMQP_URL_FILE") else {
            return "amqp://guest:guest@127.0.0.1:5672/"
        }
        return try Self.secret(file)
    }

    /// The content of a file, without the line break at its end.
    static func secret(_ path: String) throws(CommandFailure) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure(.badInput, "the file \(path) cannot be read")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    var console: Console { Console(language: lang, json: json) }

    /// The orchestrator's API. Throws where the address or the token file is of no use.
    ///
    /// - Parameter operatorName: who asks, if the user said so.
    func api(as operatorName: String? = nil) throws(CommandFailure) -> APIClient {
        try APIClient(
            baseURL: apiURL ?? Self.environment("REFUND_API_URL") ?? "http://127.0.0.1:8080",
            tokenFile: tokenFile, operatorName: operatorName)
    }

    /// The file with the token of all APIs, if there is one.
    var tokenFile: String? { apiTokenFile ?? Self.environment("REFUND_API_TOKEN_FILE") }

    /// A variable that is set and not empty.
    static func environment(_ name: String) -> String? {
        let value = ProcessInfo.processInfo.environment[name]
        return value?.isEmpty == false ? value : nil
    }
}

/// The language in which people are told things.
enum Language: String, ExpressibleByArgument, CaseIterable, Sendable {
    case en, ja

    func callAsFunction(_ text: LocalizedText) -> String {
        switch self {
        case .en: text.en
        case .ja: text.ja
        }
    }

    func callAsFunction(_ en: String, _ ja: String) -> String { self == .en ? en : ja }
}
