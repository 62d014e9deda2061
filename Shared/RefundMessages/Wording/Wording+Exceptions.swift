/// What is said to the people who work exceptions off.
extension Wording {
    /// Why a refund is in exception, and what to look at before acting.
    public static func text(for reason: SettlementExceptionReason) -> LocalizedText {
        switch reason {
        case .attemptsSpent:
            LocalizedText(
                en: "The provider gave no answer that decides, until the time for trying was over; "
                    + "the money may have been paid, so look at the provider's side first.",
                ja: "試行期限までに決済事業者から確定的な回答が得られませんでした。支払い済みの可能性があるため、"
                    + "先に決済事業者側の状態を確認してください。")
        case .disputed:
            LocalizedText(
                en:
                    "The customer disputes the payment with the bank; paying now could pay twice, so "
                    + "wait until the dispute is decided.",
                ja: "お客様がこのお支払いについて銀行に異議を申し立てています。今払い戻すと二重払いになるおそれがあるため、"
                    + "結論が出るまでお待ちください。")
        case .refusedByMerchant:
            LocalizedText(
                en:
                    "The refund was cancelled on our side at the provider; ask who cancelled it and "
                    + "why.",
                ja: "この払い戻しは当社側の操作により決済事業者で取り消されました。取り消した担当者と理由を確認してください。")
        case .providerNotConfigured:
            LocalizedText(
                en:
                    "The payment belongs to a provider that this system has no access to; configure "
                    + "it, then retry.",
                ja: "このお支払いの決済事業者に接続する設定がありません。設定してから再試行してください。")
        case .amountMismatch:
            LocalizedText(
                en: "The provider speaks of another amount or currency than ours; compare both "
                    + "before acting.",
                ja: "決済事業者の示す金額または通貨が当社の記録と一致しません。対応する前に両者を照合してください。")
        case .takenByOthers:
            LocalizedText(
                en: "Refunds made outside this system have used up the payment; the customer may "
                    + "have the money already.",
                ja: "このシステム外で行われた払い戻しにより、お支払いの残額がありません。すでにお客様へ返金済みの可能性があります。")
        case .amountNotRepresentable:
            LocalizedText(
                en: "The provider cannot pay this amount exactly in this currency, and amounts are "
                    + "never rounded.",
                ja: "この通貨では、決済事業者がこの金額を正確に支払うことができません（端数処理は行いません）。")
        case .invalidRequest:
            LocalizedText(
                en: "The provider refuses the request as it is, for instance because it does not "
                    + "know the payment's reference.",
                ja: "決済事業者がリクエストを受け付けませんでした（お支払いの参照番号が見つからない場合など）。")
        case .doublePayout:
            LocalizedText(
                en: "The refund was paid out a second time, besides what had settled it; recover "
                    + "the money, or bear the loss.",
                ja: "すでに完了した払い戻しとは別に、もう一度支払いが行われました。回収するか、損失として処理してください。")
        case .paidAfterClose:
            LocalizedText(
                en: "The provider paid the refund after it had been closed without payment.",
                ja: "お支払いなしで終了した後に、決済事業者がこの払い戻しを実行しました。")
        }
    }

    /// What an action would do now, or why it is not possible.
    public static func text(for effect: ExceptionActionEffect) -> LocalizedText {
        switch effect {
        case .triedAgain:
            LocalizedText(
                en: "The provider is asked what became of the refund; if it was not paid, it is "
                    + "tried again, with as much time as at first.",
                ja: "払い戻しの結果を決済事業者に照会し、未払いであれば最初と同じ期限で再試行します。")
        case .askedAgain:
            LocalizedText(
                en: "The provider is asked again; nothing is paid.",
                ja: "決済事業者に再度照会します。支払いは行いません。")
        case .creditedAfterLookUp:
            LocalizedText(
                en: "The provider is asked once more; unless it says that it paid or is about to, "
                    + "the amount is credited to the customer's account balance.",
                ja: "決済事業者に再度照会し、支払い済みまたは処理中でなければ、アカウント残高に入金します。")
        case .closedWithoutPayment:
            LocalizedText(
                en: "Nothing is paid: the customer is told that the refund was closed, and its "
                    + "lines can be asked for again.",
                ja: "支払いは行わず、お客様に終了を通知します。対象の項目は再度リクエストできます。")
        case .lossBorne:
            LocalizedText(
                en: "What was paid too much is booked as a loss, and the exception is over; what "
                    + "the customer was told stays.",
                ja: "過払い額を損失として計上し、対応を終了します。お客様への通知内容は変わりません。")
        case .notAfterPayout:
            LocalizedText(
                en: "Not possible: the money has gone out already.",
                ja: "すでに支払いが行われているため、実行できません。")
        case .notInException:
            LocalizedText(
                en: "Not possible: the refund is not in exception.",
                ja: "この払い戻しは要対応の状態ではないため、実行できません。")
        }
    }
}
