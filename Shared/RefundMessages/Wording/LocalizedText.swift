/// The same sentence or name in the two languages the system speaks.
public struct LocalizedText: Sendable, Hashable {
    /// English.
    public let en: String
    /// Japanese, with the vendor page's own terms for buttons and statuses.
    public let ja: String

    /// Both languages are always there.
    public init(en: String, ja: String) {
        self.en = en
        self.ja = ja
    }
}
