/// Everything the system says to a customer, in one place: a sentence for each code and each step,
/// and the names by which products, verdicts and statuses are shown.
///
/// A code's sentence gives the reason and what follows from it; a step's sentence is imperative.
/// The Japanese names buttons and statuses exactly as the vendor's console does (申請のキャンセル,
/// 失効, 削除, リセット …), so that the customer finds them on the screen.
public enum Wording {
    /// The sentence for the code of a whole outcome.
    public static func text(for code: OutcomeCode) -> LocalizedText {
        switch code {
        case .orderNotFound:
            LocalizedText(
                en:
                    "No order with this number was found for this account; nothing is refunded.",
                ja: "お客様のアカウントには該当する注文が見つからないため、返金は行われませんでした。")
        }
    }
}
