import RefundMessages
import WorkerRuntime

/// Up to which amount one operator alone may work off an exception, in minor units.
struct SecondPersonLimit: Sendable, Hashable {
    /// 100.00 of a currency with cents.
    static let defaultText = "10000"

    private var general: Int64
    private var byCurrency: [String: Int64] = [:]

    /// From `10000` or `10000,JPY=20000,KWD=50000`: the limit of every currency, then those of some.
    ///
    /// - Returns: nil for any other text.
    init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard let general = Self.amount(parts[0]) else { return nil }
        self.general = general
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            guard pair.count == 2, let amount = Self.amount(pair[1]),
                Currency.exponent(of: String(pair[0])) != nil,
                byCurrency.updateValue(amount, forKey: String(pair[0])) == nil
            else { return nil }
        }
    }

    /// Whether that amount needs a second person.
    func needsSecond(_ amount: Int64, _ currency: String) -> Bool {
        amount > byCurrency[currency, default: general]
    }

    private static func amount(_ text: Substring) -> Int64? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }
}

extension SecondPersonLimit {
    static let setting = Setting(
        "exceptions.secondPersonAbove", default: defaultText,
        "Minor units above which two operators must want the same of an exception; other limits for "
            + "some currencies follow, as in 10000,JPY=20000. 0: always.")

    /// - Throws: a sentence that names the setting.
    init(_ settings: Settings) throws(ConfigurationFault) {
        let text = try settings.string(Self.setting.key)
        guard let limit = SecondPersonLimit(text) else {
            throw ConfigurationFault(
                "The setting \(Self.setting.key) is \"\(text)\", not minor units such as 10000, or "
                    + "10000,JPY=20000.")
        }
        self = limit
    }
}
