import WorkerRuntime

/// The webhook's own settings, by key.
enum WebhookSetting {
    static let host = "webhook.host"
    static let port = "webhook.port"
    static let secretFile = "stripe.webhookSecretFile"
    static let liveMode = "stripe.liveMode"

    static let all = [
        Setting(
            host, default: "127.0.0.1",
            "Address of the port for the provider's events. It speaks plain HTTP: what ends TLS "
                + "stands before it."),
        Setting(
            port, default: "8089", "Port for the provider's events; 0: any free one, see the log."),
        Setting(
            secretFile,
            "File with the signing secret (whsec_…) of the webhook endpoint at Stripe; two while one "
                + "is replaced by another, one a line. SIGHUP reads it again."),
        Setting(
            liveMode, default: "true",
            "true takes events of live mode, false those of test mode; the others are ignored."),
    ]
}

/// The webhook's configuration, read and checked.
struct WebhookSettings: Sendable {
    let address: WebhookAddress
    let secrets: SigningSecrets
    let isLive: Bool

    /// - Throws: `ConfigurationFault` naming the setting and what to do.
    init(_ settings: Settings) throws(ConfigurationFault) {
        address = WebhookAddress(
            host: try settings.string(WebhookSetting.host),
            port: try settings.int(WebhookSetting.port, in: 0...65_535))
        isLive = try settings.bool(WebhookSetting.liveMode)
        secrets = try SigningSecrets { () throws(ConfigurationFault) in
            // Where it is not set, this says so, and what it means.
            _ = try settings.string(WebhookSetting.secretFile)
            guard let text = try settings.secret(file: WebhookSetting.secretFile),
                let secrets = SigningSecrets.parse(text)
            else { throw settings.fault(WebhookSetting.secretFile, SigningSecrets.complaint) }
            return secrets
        }
    }
}
