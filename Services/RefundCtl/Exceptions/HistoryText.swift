import RefundMessages

/// What happened to a refund, in words for the people who work exceptions off.
enum HistoryText {
    /// A change of state, by the code of its trigger; a code of a later version as it is.
    static func text(for trigger: String, _ language: Language) -> String {
        guard let (en, ja) = texts[trigger] else { return trigger.spaced }
        return language(en, ja)
    }

    private static let texts: [String: (en: String, ja: String)] = [
        "due": ("handed to the provider", "決済事業者へ依頼"),
        "paid": ("the provider paid", "決済事業者が支払い"),
        "paid_again": ("the provider paid again", "決済事業者が再度支払い"),
        "accepted": ("accepted, not finished", "受付済み、処理中"),
        "action_required": ("waits for the customer", "お客様の対応待ち"),
        "failed": ("failed for certain", "失敗が確定"),
        "no_funds": ("no funds on our side", "当社側の残高不足"),
        "blocked": ("blocked by the provider", "決済事業者が保留"),
        "still_failed": ("failed still", "引き続き失敗"),
        "refused": ("the request was refused", "リクエスト不可"),
        "other_amount": ("another amount or currency", "金額または通貨の不一致"),
        "contested": ("nothing left of the payment", "お支払いの残額なし"),
        "taken_by_others": ("taken by other refunds", "他の払い戻しで使用済み"),
        "unknown": ("no answer that decides", "確定的な回答なし"),
        "not_now": ("the provider asks to wait", "決済事業者が待機を要求"),
        "not_found": ("the provider found nothing", "該当なし"),
        "no_provider": ("no such provider is configured", "決済事業者が未設定"),
        "budget_spent": ("the time for trying was over", "試行期限の終了"),
        "operator_retry": ("retried", "再試行"),
        "operator_credit": ("to be credited", "残高への入金を開始"),
        "operator_close": ("closed", "終了"),
    ]
}
