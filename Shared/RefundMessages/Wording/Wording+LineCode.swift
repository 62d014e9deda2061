extension Wording {
    /// The reason beside a line's verdict, and what it means for the customer.
    public static func text(for code: LineCode) -> LocalizedText {
        switch code {
        case .eligible:
            LocalizedText(
                en: "This item meets the refund rules and qualifies for a refund.",
                ja: "この項目は返金条件を満たしているため、返金の対象となります。")
        case .reviewApproved:
            LocalizedText(
                en: "Our review approved the refund of this item.",
                ja: "審査の結果、この項目の返金が承認されました。")
        case .windowClosed:
            LocalizedText(
                en: "The request came after the order's refund deadline; a refund is not possible.",
                ja: "注文の返金期限を過ぎたリクエストのため、この項目は返金できません。")
        case .promotionNotRefundable:
            LocalizedText(
                en: "This order was bought in a promotion whose terms exclude refunds.",
                ja: "返金対象外の条件が適用されるプロモーション注文のため、この項目は返金できません。")
        case .noCashPaid:
            LocalizedText(
                en:
                    "No refundable cash was paid here; vouchers and coupons are not refunded.",
                ja: "バウチャーやクーポンで支払われた金額は返金されないため、この項目には返金できる現金のお支払いがありません。")
        case .alreadyRefunded:
            LocalizedText(
                en: "This item has already been refunded and cannot be refunded again.",
                ja: "この項目はすでに払い戻し済みのため、再度返金することはできません。")
        case .refundInProgress:
            LocalizedText(
                en: "Another refund request for this item is still open; please await its outcome.",
                ja: "この項目については別の返金リクエストを処理中ですので、その結果をお待ちください。")
        case .allOrNothing:
            LocalizedText(
                en: "You asked for all items or none, and not all of them can be refunded, so "
                    + "this item is not refunded either.",
                ja: "すべての項目をまとめて返金するようリクエストされましたが、返金できない項目があるため、この項目も返金されません。")
        case .reviewDenied:
            LocalizedText(
                en: "Our review did not approve the refund of this item.",
                ja: "審査の結果、この項目の返金は承認されませんでした。")
        case .settlementClosed:
            LocalizedText(
                en: "The refund of this item could not be paid out and was closed without payment.",
                ja: "この項目の払い戻しは完了できなかったため、お支払いを行わずに終了しました。")
        case .revocationTooLate:
            LocalizedText(
                en: "The certificate's revocation review was not completed before the refund "
                    + "deadline, so it cannot be refunded.",
                ja: "返金期限までに証明書の失効審査が完了していないため、返金の対象になりません。")
        case .mergedCertificate:
            LocalizedText(
                en: "A multi-domain certificate obtained through certificate merge cannot be "
                    + "refunded.",
                ja: "証明書の合併機能を通じてリクエストされた複数のドメイン名証明書は、返金の対象外です。")
        case .managedServiceAlone:
            LocalizedText(
                en: "The managed service cannot be refunded alone; please ask for its certificate "
                    + "together with it.",
                ja: "マネージドサービスのみを個別に返金することはできないため、証明書と一緒に返金をリクエストしてください。")
        case .managedServiceMissing:
            LocalizedText(
                en: "This certificate is refunded only together with its managed service; please "
                    + "ask for both.",
                ja: "この証明書は、含まれているマネージドサービスと一緒に返金する必要があるため、両方を指定して返金をリクエストしてください。")
        case .quotaExhausted:
            LocalizedText(
                en:
                    "The fee of the GRCQ consumed leaves no refundable cash for this item.",
                ja: "消費された GRCQ の料金が返金可能な金額に達しているため、返金できる残高がありません。")
        case .resetTooLate:
            LocalizedText(
                en: "The CA was reset after the refund deadline, so this item cannot be refunded.",
                ja: "CA のリセットが返金期限までに行われなかったため、この項目は返金できません。")
        case .inUse:
            LocalizedText(
                en: "This service has been used or set up, even if that was undone later, so it "
                    + "cannot be refunded.",
                ja: "このサービスはすでに使用または設定されているため(設定を削除された場合も使用済みとなります)、返金できません。")
        case .releaseRequired:
            LocalizedText(
                en: "This item is in use; please follow the steps that remain and then ask for "
                    + "the refund again.",
                ja: "この項目は使用済みのため、残りの手順に従ってリソースをリリースしてから、もう一度返金をリクエストしてください。")
        case .promotionUnknown:
            LocalizedText(
                en: "We must first check the terms of this order's promotion, and will decide "
                    + "then.",
                ja: "プロモーション注文に適用される条件を担当者が確認した後、返金の可否をお知らせします。")
        case .siblingActivated:
            LocalizedText(
                en: "A later certificate of this subscription is already activated, so we "
                    + "must review the refund.",
                ja: "2 番目または 3 番目の証明書がすでに活性化されているため、担当者が返金の可否を審査します。")
        case .meteredUsage:
            LocalizedText(
                en:
                    "GRCQ was consumed, so an account manager reviews the refund of the balance.",
                ja: "GRCQ が消費されているため、残高の返金についてアカウントマネージャーが審査します。")
        case .usageUnknown:
            LocalizedText(
                en: "We do not know yet whether this item was used, so we must review the refund.",
                ja: "この項目の使用状況をまだ確認できていないため、担当者が返金の可否を審査します。")
        }
    }
}
