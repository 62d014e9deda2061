import Foundation
import RefundService
import WorkerRuntime

/// How Stripe is reached.
struct StripeConfiguration: Sendable {
    /// The version of Stripe's API that this code was written for, and that every request names, so
    /// that what an account is set to changes nothing.
    static let pinnedVersion = "2025-04-30.basil"

    /// Without a slash at its end.
    var baseURL: String
    /// `sk_…` or, better, a restricted `rk_…` that may write refunds and nothing else.
    var apiKey: String
    var apiVersion: String
    /// Until a connection, TLS included, is there.
    var connectTimeout: Duration
    /// For a whole call, connecting included. Shorter than the lease of a leg.
    var callTimeout: Duration
}

/// Stripe's settings, by key.
enum StripeSetting {
    static let apiKeyFile = "stripe.apiKeyFile"
    static let baseURL = "stripe.baseUrl"
    static let apiVersion = "stripe.apiVersion"
    static let connectTimeout = "stripe.connectTimeout"
    static let callTimeout = "stripe.callTimeout"

    static let all = [
        Setting(
            apiKeyFile,
            "File with Stripe's secret or restricted API key; without it payments of the provider "
                + "stripe end in exception."),
        Setting(
            baseURL, default: "https://api.stripe.com",
            "Where Stripe's API is; plain http is taken for a loopback address only."),
        Setting(
            apiVersion, default: StripeConfiguration.pinnedVersion,
            "Stripe's API version, sent with every request."),
        Setting(connectTimeout, default: "3s", "How long a connection to Stripe may take."),
        Setting(callTimeout, default: "10s", "How long a whole call of Stripe may take."),
    ]
}

extension StripeConfiguration {
    /// - Returns: nil where no key is configured.
    /// - Throws: a sentence that names the setting and what is wrong; never the key.
    init?(_ settings: Settings) throws {
        guard let key = try settings.secret(file: StripeSetting.apiKeyFile) else { return nil }
        guard Self.isKey(key) else {
            throw settings.fault(
                StripeSetting.apiKeyFile,
                "names a file that does not hold one API key, starting with sk_ or rk_")
        }
        let url = try settings.string(StripeSetting.baseURL)
        guard let base = Self.base(url) else {
            throw settings.fault(
                StripeSetting.baseURL,
                "is \"\(url)\", neither https://host nor http://127.0.0.1:port without a path")
        }
        let version = try settings.string(StripeSetting.apiVersion)
        guard version.utf8.allSatisfy(Self.isVisible) else {
            throw settings.fault(
                StripeSetting.apiVersion, "is no version such as \(Self.pinnedVersion)")
        }
        self.init(
            baseURL: base, apiKey: key, apiVersion: version,
            connectTimeout: try settings.duration(
                StripeSetting.connectTimeout, in: .milliseconds(100) ... .seconds(10)),
            callTimeout: try settings.duration(
                StripeSetting.callTimeout, in: .milliseconds(200) ... .seconds(12)))
    }

    private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }

    static func isKey(_ text: String) -> Bool {
        (text.hasPrefix("sk_") || text.hasPrefix("rk_")) && text.utf8.count > 8
            && text.utf8.allSatisfy(isVisible)
    }

    /// The key goes with every request: in clear to this machine only.
    static func base(_ text: String) -> String? {
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty,
            url.path.isEmpty || url.path == "/", url.user == nil, url.query == nil,
            url.fragment == nil
        else { return nil }
        let isLoopback = ["127.0.0.1", "localhost", "[::1]", "::1"].contains(host)
        guard url.scheme == "https" || (url.scheme == "http" && isLoopback) else { return nil }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
