import RefundMessages
import RefundService
import WorkerRuntime

/// The service's own settings, by key.
enum DeadLettersSetting {
    static let webhookURL = "webhook.url"
    static let webhookURLFile = "webhook.urlFile"
    static let keepResolved = "retention.resolved"
    static let keepReplayed = "retention.replayed"
    static let keepDiscarded = "retention.discarded"

    static let all =
        DatabaseSetting.settings("the dead letters") + [
            AccessTokens.setting,
            Setting(
                webhookURL,
                "http or https URL that is told, by POST, of the first dead letter of its kind."),
            Setting(webhookURLFile, "File with that URL instead, where it is to stay secret."),
            Setting(
                keepResolved, default: "30d",
                "How long a dead letter is kept once it is resolved. Open ones are kept for good."),
            Setting(
                keepReplayed, default: "90d",
                "How long one is kept that was replayed, and failed again or was not heard of."),
            Setting(keepDiscarded, default: "90d", "How long one is kept once it is discarded."),
        ]
}

/// The service's configuration, read and checked.
struct DeadLettersSettings: Sendable {
    let tokens: AccessTokens
    let webhook: String?
    let retention: [RecordState: Duration]

    /// - Throws: a sentence that names the setting and what is wrong.
    init(_ context: ServiceContext) throws {
        let settings = context.settings
        tokens = try context.accessTokens()
        webhook =
            try settings.secret(file: DeadLettersSetting.webhookURLFile)
            ?? settings.optional(DeadLettersSetting.webhookURL)
        if let webhook, !webhook.hasPrefix("http://"), !webhook.hasPrefix("https://") {
            throw ConfigurationFault(
                "The setting \(DeadLettersSetting.webhookURL) is no http or https URL.")
        }
        let range: ClosedRange<Duration> = .seconds(1) ... .seconds(3_650 * 86_400)
        retention = [
            .resolved: try settings.duration(DeadLettersSetting.keepResolved, in: range),
            .replayed: try settings.duration(DeadLettersSetting.keepReplayed, in: range),
            .discarded: try settings.duration(DeadLettersSetting.keepDiscarded, in: range),
        ]
    }
}
